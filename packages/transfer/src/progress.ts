import type { SessionError } from '@ovfkit/domain';

/** What happens while a package moves. */
export type ProgressEvent =
  | { readonly type: 'session'; readonly id: string }
  /** Entered, in order. A state too short to be seen is told as well when the session cannot have avoided it. */
  | { readonly type: 'state'; readonly state: string }
  /** At most ten a second for each file, and one when it is complete. Bytes; `size` is absent while unknown. */
  | { readonly type: 'file'; readonly name: string; readonly sent: number; readonly size?: number }
  /** The server may have the bytes of a file, which is read to find that out before any are sent. */
  | { readonly type: 'comparing'; readonly name: string; readonly size: number }
  /** `name` is the file or the call that is tried again. */
  | { readonly type: 'retry'; readonly name: string; readonly reason: SessionError; readonly inMs: number }
  | { readonly type: 'warning'; readonly text: string };

export type OnProgress = (event: ProgressEvent) => void;

/** Tells the caller, less often than it happens. */
export interface Reporter {
  session(id: string): void;
  state(state: string): void;
  /** Bytes of one file that are through. */
  file(name: string, bytes: { readonly sent: number; readonly size: number | undefined }): void;
  comparing(name: string, size: number): void;
  retry(name: string, notice: { readonly reason: SessionError; readonly inMs: number }): void;
  warning(text: string): void;
  /** Percent of all bytes expected, never falling. */
  percent(): number;
  /** How many bytes all files have, as soon as it is known. */
  expect(size: number): void;
}

const intervalMs = 100;

/** Without a listener only the percentage is kept. */
/** Which states a session passed unseen between two that were seen. */
export type StatesBetween = (from: string, to: string) => readonly string[];

/** Throttles what happens for `onProgress`. Of one session, from its beginning to its end. */
export function createReporter(between: StatesBetween, onProgress: OnProgress = () => {}): Reporter {
  const sentOf = new Map<string, number>();
  const toldAt = new Map<string, number>();
  let lastState: string | undefined;
  let expected = 0;
  let highest = 0;
  return {
    session: (id) => onProgress({ type: 'session', id }),
    state(state) {
      if (state === lastState) return;
      const passed = lastState === undefined ? [] : between(lastState, state);
      lastState = state;
      for (const each of [...passed, state]) onProgress({ type: 'state', state: each });
    },
    file(name, { sent, size }) {
      sentOf.set(name, sent);
      const now = performance.now();
      if (sent !== size && now - (toldAt.get(name) ?? Number.NEGATIVE_INFINITY) < intervalMs) return;
      toldAt.set(name, now);
      onProgress({ type: 'file', name, sent, ...(size === undefined ? {} : { size }) });
    },
    comparing: (name, size) => onProgress({ type: 'comparing', name, size }),
    retry: (name, { reason, inMs }) => onProgress({ type: 'retry', name, reason, inMs }),
    warning: (text) => onProgress({ type: 'warning', text }),
    percent() {
      const sent = sentOf.values().reduce((sum, each) => sum + each, 0);
      highest = Math.max(highest, expected === 0 ? 0 : Math.min(100, Math.floor((100 * sent) / expected)));
      return highest;
    },
    expect(size) {
      expected = size;
    },
  };
}
