import type { ReportEvent } from './report.ts';

interface FileProgress {
  readonly name: string;
  transferred: number;
  size: number | undefined;
}

/** What is known of a transfer at one moment. Sizes are bytes, `rate` bytes a second, `leftMs` milliseconds. */
export interface TransferSnapshot {
  readonly state: string | undefined;
  readonly files: readonly Readonly<FileProgress>[];
  readonly transferred: number;
  readonly rate: number;
  readonly leftMs: number | undefined;
}

export interface TransferState {
  apply(event: ReportEvent): void;
  snapshot(): TransferSnapshot;
}

interface Sample {
  readonly at: number;
  readonly transferred: number;
}

/** The rate counts the last seconds only, so that it follows what the wire does now. */
const windowMs = 5_000;

/** Adds up the events of a transfer. */
export function createTransferState(now: () => number = Date.now): TransferState {
  const files = new Map<string, FileProgress>();
  let state: string | undefined;
  let samples: readonly Sample[] = [];
  const total = (): number => files.values().reduce((sum, file) => sum + file.transferred, 0);
  return {
    apply: (event) => {
      if (event.type === 'state') state = event.state;
      if (event.type === 'case') state = `${event.done} of ${event.total} rules tried`;
      if (event.type !== 'file') return;
      const file = files.get(event.name) ?? { name: event.name, transferred: 0, size: undefined };
      file.transferred = event.transferred;
      file.size = event.size ?? file.size;
      files.set(event.name, file);
      const at = now();
      if (at - (samples.at(-1)?.at ?? 0) < 200) return;
      samples = [...samples.filter((sample) => at - sample.at < windowMs), { at, transferred: total() }];
    },
    snapshot: () => {
      const transferred = total();
      const first = samples[0];
      const elapsed = first === undefined ? 0 : now() - first.at;
      const rate = first === undefined || elapsed < 200 ? 0 : ((transferred - first.transferred) / elapsed) * 1000;
      const known = [...files.values()].every(({ size }) => size !== undefined);
      const left = files.values().reduce((sum, file) => sum + Math.max((file.size ?? 0) - file.transferred, 0), 0);
      const leftMs = known && rate > 0 && left > 0 ? (left / rate) * 1000 : undefined;
      return { state, files: [...files.values()], transferred, rate: Math.max(rate, 0), leftMs };
    },
  };
}
