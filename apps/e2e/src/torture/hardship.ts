import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Something of the machine that a service needs, and may lack for a while. */
export interface Hardship {
  readonly name: string;
  /** Mounts are for root. */
  readonly needsRoot: boolean;
  /** Variables of the service. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether a package goes in all the same. */
  readonly isBearable: boolean;
  /** Files the command may have open while it is hard. */
  readonly clientFiles?: number | undefined;
  /** It is over after this, or when the command has ended. */
  readonly maxMs: number;
  /** Before the service starts. */
  prepare(data: string): Promise<void>;
  /** Until `end` the machine lacks it. */
  begin(running: Running): Promise<void>;
  /** The service goes on running. */
  end(running: Running): Promise<void>;
  /** After the service has ended. */
  cleanUp(data: string): Promise<void>;
}

/** The service that runs, and its folder of data. */
export interface Running {
  readonly data: string;
  readonly pid: number;
}

const nothing = async (): Promise<void> => {};
const root = async (command: string, ...args: readonly string[]): Promise<void> => {
  await run(command, args);
};

/** A package does not fit, but for the smallest. What is left free on purpose is what the service needs to delete. */
const fullDisk: Hardship = {
  name: 'a full disk',
  needsRoot: true,
  env: { OVFKITD_LIMITS_DISK_RESERVE: '4MiB' },
  isBearable: false,
  maxMs: 10_000,
  async prepare(data) {
    await mkdir(data, { recursive: true });
    await root('mount', '-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', data);
  },
  begin: nothing,
  end: ({ data }) => root('mount', '-o', 'remount,size=256m', data),
  cleanUp: (data) => root('umount', data),
};

/** A file system that the kernel found damaged cannot be written any more. */
const readOnlyStore: Hardship = {
  name: 'a store that can only be read',
  needsRoot: true,
  env: {},
  isBearable: false,
  maxMs: 10_000,
  prepare: nothing,
  async begin({ data }) {
    const blobs = join(data, 'blobs');
    await mkdir(blobs, { recursive: true });
    await root('mount', '--bind', blobs, blobs);
    await root('mount', '-o', 'remount,ro,bind', blobs);
  },
  end: ({ data }) => root('umount', join(data, 'blobs')),
  cleanUp: nothing,
};

const fewDescriptors: Hardship = {
  name: 'no free file descriptor',
  needsRoot: false,
  env: {},
  isBearable: false,
  maxMs: 10_000,
  prepare: nothing,
  // fewer than are open: not one more can be opened
  begin: ({ pid }) => root('prlimit', '--pid', String(pid), '--nofile=16:'),
  end: ({ pid }) => root('prlimit', '--pid', String(pid), '--nofile=1024:'),
  cleanUp: nothing,
};

/** Loaded into the service first: its clock is that of the machine and as many milliseconds as a file says. */
const shiftedClock = `
  import { readFileSync } from 'node:fs';
  const real = Date.now;
  const read = () => { try { return Number(readFileSync(process.env.OFFSET_FILE, 'utf8')); } catch { return 0; } };
  let offset = read();
  setInterval(() => { offset = read(); }, 20).unref();
  Date.now = () => real() + offset;
  globalThis.Date = new Proxy(Date, {
    construct: (target, args, self) => Reflect.construct(target, args.length === 0 ? [target.now()] : args, self),
  });`;

/** What a command has open before it begins, and a little: too few for several files at once. */
const fewInClient: Hardship = {
  name: 'no free file descriptor in the command',
  needsRoot: false,
  env: {},
  isBearable: true,
  clientFiles: 28,
  maxMs: 10_000,
  prepare: nothing,
  begin: nothing,
  end: nothing,
  cleanUp: nothing,
};

const hourMs = 3_600_000;

/** The clock of the service jumps by so many hours, and back again. */
function clockJump(hours: number, folder: string): Hardship {
  const file = join(folder, 'offset');
  return {
    name: `a clock that jumps by ${hours} hours`,
    needsRoot: false,
    env: {
      OFFSET_FILE: file,
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(shiftedClock)}`,
    },
    isBearable: true,
    maxMs: 1_500,
    prepare: nothing,
    begin: () => writeFile(file, String(hours * hourMs)),
    end: () => writeFile(file, '0'),
    cleanUp: nothing,
  };
}

/** All there are; `folder` is for what they keep. */
export const hardships = (folder: string): readonly Hardship[] => [
  fullDisk,
  readOnlyStore,
  fewDescriptors,
  fewInClient,
  clockJump(3, folder),
  clockJump(-3, folder),
];
