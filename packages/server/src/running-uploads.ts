import type { IncomingMessage } from 'node:http';
import { type FileAddress, SessionError } from '@ovfkit/domain';

/** The uploads under way, by file. Lets a client whose connection broke go on before we notice the break ourselves. */
export interface RunningUploads {
  /**
   * Runs `receive` as the upload of its file. The bytes go through `metered`, by which silence is seen.
   * @throws SessionError SERVICE_UNAVAILABLE when as many are under way as may be
   */
  run<Result>(upload: NewUpload, receive: (metered: Meter) => Promise<Result>): Promise<Result>;
  /** Ends an upload of the file that has lost its client, so that what is kept of it no longer grows. */
  makeWay(address: FileAddress): Promise<void>;
}

export interface NewUpload {
  readonly address: FileAddress;
  readonly user: string;
  readonly request: IncomingMessage;
}

export interface UploadLimits {
  /** Under way at a time, of one user. */
  readonly perUser: number;
  readonly total: number;
}

type Meter = (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

interface Running {
  readonly user: string;
  readonly request: IncomingMessage;
  readonly done: Promise<unknown>;
  readonly isSilent: () => boolean;
}

// A connection that dropped without a word looks like a slow one. A client comes back later than this, and a live
// upload is never so quiet for long.
const silentAfterMs = 1_000;

/** Knows the uploads of this process only. */
export function createRunningUploads({ perUser, total }: UploadLimits): RunningUploads {
  const running = new Map<string, Running>();
  const keyOf = ({ kind, sessionId, file }: FileAddress) => JSON.stringify([kind, sessionId, file.name]);
  const isOver = ({ request }: Running) => request.destroyed || request.complete;

  async function makeWay(key: string): Promise<void> {
    const earlier = running.get(key);
    if (earlier === undefined) return;
    if (!isOver(earlier)) {
      if (!earlier.isSilent()) return; // two at once: the backend refuses the second
      earlier.request.destroy();
    }
    await earlier.done;
  }

  function checkRoom(user: string): void {
    const own = [...running.values()].filter((each) => each.user === user).length;
    if (running.size < total && own < perUser) return;
    const whose = own < perUser ? `${total} are` : `${perUser} of ${user} are`;
    throw new SessionError('SERVICE_UNAVAILABLE', `Too many uploads: ${whose} under way. Try again when one is over.`);
  }

  return {
    async run({ address, user, request }, receive) {
      const key = keyOf(address);
      await makeWay(key);
      checkRoom(user);
      let lastByteAt = performance.now();
      async function* metered(bytes: AsyncIterable<Uint8Array>) {
        for await (const chunk of bytes) {
          lastByteAt = performance.now();
          yield chunk;
        }
      }
      const result = receive(metered);
      if (running.has(key)) return result;
      const done = result.then(
        () => {},
        () => {}, // whoever waits goes on either way
      );
      running.set(key, { user, request, done, isSilent: () => performance.now() - lastByteAt > silentAfterMs });
      try {
        return await result;
      } finally {
        running.delete(key);
      }
    },
    makeWay: (address) => makeWay(keyOf(address)),
  };
}
