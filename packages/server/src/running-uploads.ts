import type { IncomingMessage } from 'node:http';
import type { FileAddress } from '@ovfkit/domain';

/** The uploads under way, by file. Lets a client whose connection broke go on before we notice the break ourselves. */
export interface RunningUploads {
  /** Runs `upload` as the one of its file. The bytes go through `metered`, by which silence is seen. */
  run<Result>(
    address: FileAddress,
    request: IncomingMessage,
    upload: (metered: Meter) => Promise<Result>,
  ): Promise<Result>;
  /** Ends an upload of the file that has lost its client, so that what is kept of it no longer grows. */
  makeWay(address: FileAddress): Promise<void>;
}

type Meter = (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

interface Running {
  readonly request: IncomingMessage;
  readonly done: Promise<unknown>;
  readonly isSilent: () => boolean;
}

// A connection that dropped without a word looks like a slow one. A client comes back later than this, and a live
// upload is never so quiet for long.
const silentAfterMs = 1_000;

/** Knows the uploads of this process only. */
export function createRunningUploads(): RunningUploads {
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

  return {
    async run(address, request, upload) {
      const key = keyOf(address);
      await makeWay(key);
      let lastByteAt = performance.now();
      async function* metered(bytes: AsyncIterable<Uint8Array>) {
        for await (const chunk of bytes) {
          lastByteAt = performance.now();
          yield chunk;
        }
      }
      const result = upload(metered);
      if (running.has(key)) return result;
      const done = result.then(
        () => {},
        () => {}, // whoever waits goes on either way
      );
      running.set(key, { request, done, isSilent: () => performance.now() - lastByteAt > silentAfterMs });
      try {
        return await result;
      } finally {
        running.delete(key);
      }
    },
    makeWay: (address) => makeWay(keyOf(address)),
  };
}
