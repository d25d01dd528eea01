import type { Hash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { HashAlgorithm, HashDigests, Hashing } from './hashing.ts';

/** Bytes of a file that is worth the thread: a smaller one is hashed before that would have answered. */
export const worthAThread = 4 * 1024 * 1024;

/** Hashes beside the thread that moves the bytes, which hashing would hold up as long as all else it does for them. */
export interface HashThread {
  /**
   * Digests from the first byte on, always with SHA-256. Bytes in shared memory are read where they are. A hashing whose thread has died
   * says that it has NaN bytes, and is of no more use.
   */
  createHashing(algorithms: Iterable<HashAlgorithm>): Hashing;
  /** Ends the thread, and with it every hashing. */
  close(): Promise<void>;
}

/** `algorithms` is absent when the digests of `id` are not wanted any more, `bytes` when they are wanted now. */
interface Task {
  readonly id: number;
  readonly algorithms?: readonly HashAlgorithm[];
  readonly bytes?: Uint8Array;
}

/** Runs in the thread from its own text, for a program is one bundle: nothing outside of it is known there. Answers in order. */
function hashInThread(): void {
  const { parentPort } = process.getBuiltinModule('node:worker_threads');
  const { createHash } = process.getBuiltinModule('node:crypto');
  const states = new Map<number, Map<HashAlgorithm, Hash>>();
  parentPort?.on('message', ({ id, algorithms, bytes }: Task) => {
    if (algorithms === undefined) {
      states.delete(id);
      return;
    }
    const state = states.get(id) ?? new Map(algorithms.map((each) => [each, createHash(each)]));
    states.set(id, state);
    if (bytes !== undefined) for (const hash of state.values()) hash.update(bytes);
    const digests = () => new Map([...state].map(([algorithm, hash]) => [algorithm, hash.copy().digest('hex')]));
    parentPort.postMessage(bytes === undefined ? digests() : undefined);
  });
}

/** The thread is started when it is needed first, and again when it has died. It keeps no process alive but for an answer. */
export function createHashThread(): HashThread {
  let thread: Thread | undefined;
  let lastId = 0;
  const unwanted = new FinalizationRegistry<() => void>((forget) => forget());
  return {
    createHashing(algorithms) {
      if (thread === undefined || thread.hasEnded()) thread = startThread();
      lastId += 1;
      const own = thread;
      const id = lastId;
      const hashing = hashingOn(own, id, new Set(['SHA256' as const, ...algorithms]));
      unwanted.register(hashing, () => own.forget(id));
      return hashing;
    },
    async close() {
      await thread?.end();
    },
  };
}

function hashingOn(thread: Thread, id: number, algorithms: ReadonlySet<HashAlgorithm>): Hashing {
  const asked = { id, algorithms: [...algorithms] };
  let size = 0;
  return {
    size: () => size,
    async update(bytes) {
      size += bytes.length;
      try {
        await thread.ask({ ...asked, bytes: shared(bytes) });
      } catch {
        size = Number.NaN; // whoever needs the digest reads what was stored
      }
    },
    digests: async () => (await thread.ask(asked)) ?? new Map(),
    algorithms,
  };
}

function shared(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer instanceof SharedArrayBuffer) return bytes;
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

interface Thread {
  readonly hasEnded: () => boolean;
  /** Resolves in the order of the calls; to the digests when there are no bytes. */
  ask(task: Task): Promise<HashDigests | undefined>;
  forget(id: number): void;
  end(): Promise<void>;
}

interface Waiting {
  readonly resolve: (digests: HashDigests | undefined) => void;
  readonly reject: (error: unknown) => void;
}

// it holds a few hashes, and a message of each chunk for a moment
const limits = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 32 };

function startThread(): Thread {
  const worker = new Worker(`(${hashInThread.toString()})()`, { eval: true, execArgv: [], resourceLimits: limits });
  const waiting: Waiting[] = [];
  let failure: unknown;
  const onEnd = (error: unknown) => {
    failure ??= error;
    for (const { reject } of waiting.splice(0)) reject(failure);
  };
  worker.unref();
  worker.on('error', onEnd).on('exit', () => onEnd(new Error('The thread that hashes has ended.')));
  worker.on('message', (digests: HashDigests | undefined) => {
    waiting.shift()?.resolve(digests);
    if (waiting.length === 0) worker.unref();
  });
  return {
    hasEnded: () => failure !== undefined,
    ask: (task) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) return reject(failure);
        waiting.push({ resolve, reject });
        worker.ref();
        worker.postMessage(task);
      }),
    forget: (id) => worker.postMessage({ id } satisfies Task),
    end: async () => void (await worker.terminate()),
  };
}
