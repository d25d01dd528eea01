import { formatDuration, formatRate, formatSize, oneLine } from './format.ts';
import type { Report, ReportEvent } from './report.ts';
import type { Style } from './style.ts';
import { cut, padEnd } from './text-width.ts';
import { createTransferState, type TransferSnapshot } from './transfer-state.ts';

const clearDown = '\u001B[0J';
const hideCursor = '\u001B[?25l';
const showCursor = '\u001B[?25h';
const up = (rows: number): string => (rows === 0 ? '\r' : `\u001B[${rows}A\r`);

export interface Screen {
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
}

function bar({ share, width }: { readonly share: number; readonly width: number }): string {
  const filled = Math.round(Math.min(Math.max(share, 0), 1) * width);
  return '━'.repeat(filled) + '─'.repeat(width - filled);
}

function fileLine(
  { name, transferred, size }: TransferSnapshot['files'][number],
  { columns, style }: { readonly columns: number; readonly style: Style },
): string {
  const nameWidth = Math.max(12, Math.min(32, Math.floor(columns / 3)));
  const label = padEnd(cut(oneLine(name), nameWidth), nameWidth);
  if (size === undefined || size === 0) return `  ${label}  ${formatSize(transferred)}`;
  const share = transferred / size;
  const tail = `${String(Math.floor(share * 100)).padStart(3)} %  ${formatSize(size)}`;
  const width = Math.max(6, Math.min(30, columns - nameWidth - tail.length - 8));
  return `  ${label}  ${style(share >= 1 ? 'green' : 'cyan', bar({ share, width }))}  ${tail}`;
}

function lines(
  { state, files, transferred, rate, leftMs }: TransferSnapshot,
  { columns, rows, style }: { readonly columns: number; readonly rows: number; readonly style: Style },
): readonly string[] {
  const room = Math.max(1, rows - 4);
  const isDone = ({ size, transferred: moved }: TransferSnapshot['files'][number]): boolean => size === moved;
  // what still moves is what one wants to see
  const sorted = files.toSorted((a, b) => Number(isDone(a)) - Number(isDone(b)));
  const shown = files.length <= room ? files : sorted.slice(0, room - 1);
  const hidden = files.length - shown.length;
  const total = [
    formatSize(transferred),
    rate > 0 ? formatRate(rate) : undefined,
    leftMs === undefined ? undefined : `${formatDuration(leftMs)} left`,
  ];
  return [
    `${style('bold', state ?? 'starting')}${transferred > 0 ? `  ${total.filter((part) => part !== undefined).join(', ')}` : ''}`,
    ...shown.map((file) => fileLine(file, { columns, style })),
    ...(hidden > 0 ? [`  and ${hidden} more files`] : []),
  ];
}

function messageOf(event: ReportEvent, style: Style): string | undefined {
  if (event.type === 'warning') return `${style('yellow', 'warning:')} ${oneLine(event.message)}`;
  if (event.type === 'information') return `${style('dim', 'note:')} ${oneLine(event.message)}`;
  if (event.type === 'case' && event.status === 'failed')
    return `${style('red', 'broken')} ${event.id}: ${oneLine(event.title)}`;
  if (event.type === 'retry')
    return `${style('yellow', 'retry')} ${oneLine(event.name)} in ${formatDuration(event.inMs)}: ${oneLine(event.reason)}`;
  return undefined;
}

/** Bars that are drawn over themselves, ten times a second at most. Messages scroll above them. */
export function createLiveView(screen: Screen, style: Style): Report {
  const transfer = createTransferState();
  let drawn = 0;
  let isOpen = true;
  let timer: NodeJS.Timeout | undefined;
  const draw = (above = ''): void => {
    const { columns, rows } = screen;
    const text = lines(transfer.snapshot(), { columns, rows, style });
    screen.write(`${hideCursor}${up(drawn)}${clearDown}${above}${text.map((line) => `${line}\n`).join('')}`);
    drawn = text.length;
  };
  const drawSoon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      draw();
    }, 100).unref();
  };
  return {
    event: (event) => {
      if (!isOpen) return;
      transfer.apply(event);
      const message = messageOf(event, style);
      if (message === undefined) drawSoon();
      else draw(`${message}\n`);
    },
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      clearTimeout(timer);
      draw();
      screen.write(showCursor);
    },
  };
}
