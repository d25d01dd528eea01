import { SessionError } from '@ovfkit/domain';
import { pause } from '@ovfkit/rest';
import { type Properties, type Retrieved, retrieveOne } from './property-collector.ts';
import type { VimClient, VimMethod } from './vim-client.ts';
import { nothing, object, optional, reference, text, type ValueOf } from './vim-shape.ts';
import type { ManagedObject } from './vim-value.ts';

const createPropertyCollector: VimMethod<ManagedObject> = {
  name: 'CreatePropertyCollector',
  result: reference,
  isRepeatable: true, // one that nobody knows ends with the session
};
const createFilter: VimMethod<ManagedObject> = { name: 'CreateFilter', result: reference, isRepeatable: true };
const destroyPropertyCollector: VimMethod<void> = {
  name: 'DestroyPropertyCollector',
  result: nothing,
  isRepeatable: false,
};

/** What changed is not read from here: it only says that something did. Absent when nothing has in that time. */
const updateSet = optional(object('UpdateSet', { version: text }));
const waitForUpdatesEx: VimMethod<ValueOf<typeof updateSet>> = {
  name: 'WaitForUpdatesEx',
  result: updateSet,
  isRepeatable: true,
};

/** Well under the silence that a proxy takes for the end of a connection. */
const maxWaitSeconds = 20;
/** Most of what is waited for is there by then, and a long poll takes three calls to begin. */
const firstWaitsMs = [10, 40];
const pollMs = 1_000;

export interface Waiting<P extends Properties> {
  readonly object: ManagedObject;
  readonly properties: P;
  readonly until: (properties: Retrieved<P>['properties']) => boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Properties of an object, as soon as they are as they should be. The server is asked a few times, then tells by itself; one that cannot is
 * asked once a second.
 * @throws SessionError NOT_FOUND when the object does not exist; the signal's reason
 */
export async function waitFor<P extends Properties>(
  vim: VimClient,
  { object: wanted, properties, until, signal }: Waiting<P>,
): Promise<Retrieved<P>['properties']> {
  const read = () => retrieveOne(vim, { object: wanted, properties, signal });
  for (const waitMs of firstWaitsMs) {
    const found = await read();
    if (until(found)) return found;
    await pause(waitMs, signal);
  }
  const watch = await startWatch(vim, { object: wanted, paths: Object.keys(properties), signal });
  try {
    for (;;) {
      const found = await read();
      if (until(found)) return found;
      await watch.change();
    }
  } finally {
    await watch.end();
  }
}

interface Watch {
  /** Resolves when something may have changed since the last time, or after a while. @throws the signal's reason */
  change(): Promise<void>;
  end(): Promise<void>;
}

interface Watching {
  readonly object: ManagedObject;
  readonly paths: readonly string[];
  readonly signal: AbortSignal | undefined;
}

const polls = (signal: AbortSignal | undefined): Watch => ({
  change: () => pause(pollMs, signal),
  end: async () => {},
});

/** A collector of its own: the changes of one are told to whoever asks it first. */
async function startWatch(vim: VimClient, watching: Watching): Promise<Watch> {
  const { signal } = watching;
  const collector = await orNothing(() => begin(vim, watching));
  if (collector === undefined) return polls(signal);
  let version = '';
  let isBroken = false;
  return {
    async change() {
      const options = { _typeName: 'WaitOptions', maxWaitSeconds };
      const call = { object: collector, args: { version, options }, signal };
      const told = isBroken
        ? undefined
        : await orNothing(async () => ({ set: await vim.call(waitForUpdatesEx, call) }));
      signal?.throwIfAborted();
      isBroken = told === undefined;
      if (told === undefined) await pause(pollMs, signal);
      version = told?.set?.version ?? version;
    },
    async end() {
      await orNothing(() => vim.call(destroyPropertyCollector, { object: collector })); // it ends with the session
    },
  };
}

async function begin(vim: VimClient, { object: obj, paths: pathSet, signal }: Watching): Promise<ManagedObject> {
  const collector = await vim.call(createPropertyCollector, { object: vim.content.propertyCollector, signal });
  const spec = {
    _typeName: 'PropertyFilterSpec',
    propSet: [{ _typeName: 'PropertySpec', type: obj.type, pathSet }],
    objectSet: [{ _typeName: 'ObjectSpec', obj }],
  };
  await vim.call(createFilter, { object: collector, args: { spec, partialUpdates: false }, signal });
  return collector;
}

/** What a server does not do, or no longer knows, is done without. */
async function orNothing<Result>(step: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof SessionError) return undefined;
    throw error;
  }
}
