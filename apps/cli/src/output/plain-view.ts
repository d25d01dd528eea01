import { formatDuration, formatRate, formatSize, oneLine } from './format.ts';
import type { Report } from './report.ts';
import { createTransferState, type TransferSnapshot } from './transfer-state.ts';

const everyMs = 5_000;
const everyRules = 25;

function summaryOf({ files, transferred, rate, leftMs }: TransferSnapshot): string {
  const sizes = files.map(({ size }) => size);
  const size = sizes.reduce<number | undefined>(
    (sum, each) => (sum === undefined || each === undefined ? undefined : sum + each),
    0,
  );
  const parts = [
    size === undefined ? formatSize(transferred) : `${formatSize(transferred)} of ${formatSize(size)}`,
    rate > 0 ? formatRate(rate) : undefined,
    leftMs === undefined ? undefined : `${formatDuration(leftMs)} left`,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

/** Lines for a pipe or CI: one on each change of state, and one every few seconds. */
export function createPlainView(write: (text: string) => void, now: () => number = Date.now): Report {
  const transfer = createTransferState(now);
  const done = new Set<string>();
  let lastAt = now();
  const line = (text: string): void => {
    lastAt = now();
    write(`${text}\n`);
  };
  return {
    event: (event) => {
      const before = transfer.snapshot().state;
      transfer.apply(event);
      if (event.type === 'state' && event.state !== before) line(`state ${event.state}`);
      if (event.type === 'session') line(`session ${oneLine(event.id)}`);
      if (event.type === 'warning') line(`warning: ${oneLine(event.message)}`);
      if (event.type === 'information') line(`note: ${oneLine(event.message)}`);
      if (event.type === 'case' && event.status === 'failed') line(`broken ${event.id}: ${oneLine(event.title)}`);
      if (event.type === 'case' && event.done % everyRules === 0) line(`tried ${event.done} of ${event.total} rules`);
      if (event.type === 'retry')
        line(`retry ${oneLine(event.name)} in ${formatDuration(event.inMs)}: ${oneLine(event.reason)}`);
      if (event.type !== 'file') return;
      const { name, transferred, size } = event;
      if (transferred === size && !done.has(name)) {
        done.add(name);
        line(`done ${oneLine(name)} (${formatSize(size)})`);
      } else if (now() - lastAt >= everyMs) line(`moved ${summaryOf(transfer.snapshot())}`);
    },
    close: () => {},
  };
}
