import { samplePackage } from '@ovfkit/conformance';
import { type SessionBackend, SessionError, type SessionStore } from '@ovfkit/domain';
import { expect, onTestFinished, test, vi } from 'vitest';
import { admin, startEngine } from './support/engine.ts';
import { serveFiles } from './support/file-server.ts';
import { httpPullSource } from './support/http-pull-source.ts';
import { accepted, createImport, exportFiles, named, push, send, until } from './support/session.ts';

const { descriptor, disk, manifest } = samplePackage({ name: 'shared' });
const limits = { pullAttempts: 2, pullRetryDelayMs: 1 };
const options = { pull: httpPullSource, limits, idleTimeoutMs: 5_000 };

/** A server whose disk stops after its first bytes until it is let go. */
async function slowServer() {
  const server = await serveFiles([descriptor, disk, manifest].map(({ name, bytes }) => [name, bytes] as const));
  let letGo = () => {};
  server.mood.hold.set(disk.name, new Promise((resolve) => (letGo = () => resolve())));
  const fetches = () => server.seen.filter(({ path }) => path === disk.name);
  return { server, letGo, fetches };
}

async function beginPull(backend: SessionBackend, url: string, name = 'shared'): Promise<string> {
  const spec = { importFlags: [], sourceType: 'PULL_SOURCE', pullSource: `${url}/${descriptor.name}` };
  const id = await createImport(backend, spec);
  await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  await backend.importSession.instantiate({ id, instantiationParameters: [accepted, named(name)] });
  return id;
}

async function expectWhole(backend: SessionBackend, id: string): Promise<void> {
  const { vmId } = await until(backend, id, 'IMPORT_COMPLETED');
  expect(await backend.inventory.vm.list({})).toHaveLength(1);
  expect([...(await exportFiles(backend, { vmId }))].find(([name]) => name.endsWith('.vmdk'))?.[1]).toEqual(disk.bytes);
}

test('two engines on one store do the work of a session once', async () => {
  const { server, letGo, fetches } = await slowServer();
  const first = await startEngine(options);
  const id = await beginPull(first.engine.backendFor(admin), server.url);
  await expect.poll(() => fetches().length).toBe(1);
  const second = await startEngine({ ...options, store: first.store });
  letGo();
  await expectWhole(second.engine.backendFor(admin), id);
  expect(fetches()).toHaveLength(1);
  expect([...first.faults, ...second.faults]).toEqual([]);
});

test('a session that one engine works for is not taken for idle by another', async () => {
  const { server, letGo, fetches } = await slowServer();
  const idleTimeoutMs = 400;
  const first = await startEngine({ ...options, idleTimeoutMs });
  const second = await startEngine({ ...options, idleTimeoutMs, store: first.store });
  const id = await beginPull(first.engine.backendFor(admin), server.url);
  await expect.poll(() => fetches().length).toBe(1);
  // nobody asks for it meanwhile: that would be use
  await new Promise((resolve) => setTimeout(resolve, 4 * idleTimeoutMs));
  letGo();
  await expectWhole(second.engine.backendFor(admin), id);
  expect([...first.faults, ...second.faults]).toEqual([]);
});

test('what an engine did that was cut off from the store is taken over by another, from the byte it had', async () => {
  const { server, fetches } = await slowServer();
  let isCutOff = false;
  const cutOff = (sessions: SessionStore): SessionStore => ({
    ...sessions,
    leases: {
      ...sessions.leases,
      take: async (lease) => {
        if (isCutOff) throw new SessionError('RESOURCE_INACCESSIBLE', 'The store does not answer.');
        return sessions.leases.take(lease);
      },
    },
  });
  const first = await startEngine({ ...options, leaseMs: 600, wrapSessions: cutOff });
  const id = await beginPull(first.engine.backendFor(admin), server.url);
  await expect.poll(() => fetches().length).toBe(1);
  const second = await startEngine({ ...options, leaseMs: 600, store: first.store });
  server.mood.hold.clear();
  isCutOff = true;
  await expectWhole(second.engine.backendFor(admin), id);
  expect(fetches()).toHaveLength(2);
  expect(Number(/^bytes=(\d+)-/.exec(fetches()[1]?.range ?? '')?.[1])).toBeGreaterThan(0);
});

const untilBuried = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const end = () => reject(new SessionError('RESOURCE_INACCESSIBLE', 'The store is gone.'));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });

test('of the sessions of an engine that died another takes over each within the time of a lease, and makes one machine of each', async () => {
  const { server, fetches } = await slowServer();
  const leaseMs = 600;
  let isDead = false;
  const burial = new AbortController();
  // as a process that is killed: nothing of what it does or renews reaches the store any more, and it hears nothing
  const dying = (sessions: SessionStore): SessionStore => {
    const unless =
      <Given extends readonly unknown[], Result>(work: (...given: Given) => Promise<Result>) =>
      (...given: Given): Promise<Result> =>
        isDead ? untilBuried(burial.signal) : work(...given);
    const { imports, leases } = sessions;
    return {
      ...sessions,
      imports: { ...imports, replace: unless(imports.replace) },
      leases: { ...leases, take: unless(leases.take), release: unless(leases.release) },
    };
  };
  const first = await startEngine({ ...options, leaseMs, wrapSessions: dying });
  onTestFinished(() => burial.abort());
  const ids: string[] = [];
  for (const name of ['one', 'two', 'three'])
    ids.push(await beginPull(first.engine.backendFor(admin), server.url, name));
  await expect.poll(() => fetches().length).toBe(ids.length);
  isDead = true;
  server.mood.hold.clear();
  const second = await startEngine({ ...options, leaseMs, store: first.store });
  const backend = second.engine.backendFor(admin);
  for (const id of ids) await until(backend, id, 'IMPORT_COMPLETED');
  const made = (await backend.inventory.vm.list({})).map(({ name }) => name);
  expect(made.toSorted()).toEqual(['one', 'three', 'two']);
  const left = () => first.store.sessions.leases.ended({ now: Date.now() + 10 * leaseMs, lengthMs: leaseMs });
  await expect.poll(left).toEqual([]);
});

test.each([3_600_000, -3_600_000])(
  'a clock that jumps by %i ms under the engine ends no work, and sessions in use live on',
  async (jump) => {
    const { server, letGo, fetches } = await slowServer();
    let offset = 0;
    const clock = () => Date.now() + offset;
    const { engine } = await startEngine({ ...options, leaseMs: 600, clock });
    const backend = engine.backendFor(admin);
    const id = await beginPull(backend, server.url, 'jumped');
    await expect.poll(() => fetches().length).toBe(1);
    offset = jump;
    // leases are renewed, and the sweep looks for sessions whose time is over
    for (const until = Date.now() + 1_500; Date.now() < until; )
      expect((await backend.importSession.get({ id })).state).toBe('IMPORT_FILE_TRANSFER');
    letGo();
    await expectWhole(backend, id);
    expect(fetches()).toHaveLength(1);
  },
);

test('work whose outcome the store cannot keep is done again when it can, without a restart', async () => {
  let isFull = false;
  const filling = (sessions: SessionStore): SessionStore => ({
    ...sessions,
    imports: {
      ...sessions.imports,
      replace: async (session, version) => {
        if (isFull && session.state !== 'IMPORT_OVF_TRANSFER')
          throw new SessionError('UNABLE_TO_ALLOCATE_RESOURCE', 'There is no room.');
        return sessions.imports.replace(session, version);
      },
    },
  });
  const { engine, faults } = await startEngine({ wrapSessions: filling });
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, push);
  isFull = true;
  await send(backend, { id, name: 'descriptor.ovf', bytes: descriptor.bytes });
  await expect.poll(() => faults.length).toBeGreaterThan(0);
  expect((await backend.importSession.get({ id })).state).toBe('IMPORT_OVF_TRANSFER');
  isFull = false;
  await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
});

test('no session ends because the clock of the machine is set, forward or back', async () => {
  const { engine } = await startEngine({ idleTimeoutMs: 60_000 });
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, push);
  const now = Date.now();
  onTestFinished(() => void vi.useRealTimers());
  for (const days of [365, -365]) {
    vi.useFakeTimers({ toFake: ['Date'], now: now + days * 86_400_000 });
    expect((await backend.importSession.get({ id })).state).toBe('IMPORT_OVF_TRANSFER');
  }
  await send(backend, { id, name: 'descriptor.ovf', bytes: descriptor.bytes });
  await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
});
