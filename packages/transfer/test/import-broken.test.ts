import { type SessionBackend, SessionError } from '@ovfkit/domain';
import { describe, expect, test } from 'vitest';
import { importPackage, type ProgressEvent } from '../src/index.ts';
import { options, storedDisks } from './support/import.ts';
import { asFolder, disksOf, makeSample, sizeOf } from './support/sample.ts';
import {
  connect,
  expectNothingLeft,
  layWire,
  type Service,
  start,
  startService,
  tempFolder,
} from './support/service.ts';

describe('an import that breaks', () => {
  test('goes on where it was, and sends no more than what was on the wire again', async () => {
    const service = await startService(await tempFolder());
    const wire = await layWire(service.port);
    const backend = await connect(wire.port);
    const size = 12 * 1024 * 1024;
    const sample = makeSample({ disks: 1, diskSize: size });
    wire.cutAfter('up', 3 * 1024 * 1024, 2 * 1024 * 1024, 1024 * 1024);
    const retries: ProgressEvent[] = [];
    const onProgress = (event: ProgressEvent): void => void (event.type === 'retry' && retries.push(event));
    const { bytesSent } = await importPackage({ ...options(backend, await asFolder(sample)), onProgress });
    expect(wire.cuts()).toBe(3);
    expect(bytesSent).toBe(sizeOf(sample));
    expect(retries.length).toBeGreaterThanOrEqual(3);
    expect(await storedDisks(service)).toEqual(disksOf(sample));
    // sent anew each time it would be 18 MiB; what lay in the buffers of the cut connections is lost
    expect(wire.passed('up')).toBeLessThan(size + 5 * 1024 * 1024);
  });

  test('begins a file anew where the server keeps nothing', async () => {
    const service = await startService(await tempFolder());
    const wire = await layWire(service.port);
    const rest = await connect(wire.port);
    const refuse = async (): Promise<never> => {
      throw new SessionError('UNSUPPORTED', 'no resumable uploads');
    };
    const backend = { ...rest, files: { ...rest.files, uploadState: refuse } };
    const sample = makeSample({ disks: 1, diskSize: 4 * 1024 * 1024 });
    wire.cutAfter('up', 2 * 1024 * 1024);
    await importPackage(options(backend, await asFolder(sample)));
    expect(wire.cuts()).toBe(1);
    expect(await storedDisks(service)).toEqual(disksOf(sample));
  });

  test('survives a restart of the server', async () => {
    const folder = await tempFolder();
    const first = await startService(folder);
    const backend = await connect(first.port);
    const sample = makeSample({ disks: 2, diskSize: 16 * 1024 * 1024 });
    let restarting: Promise<Service> | undefined;
    const onProgress = (event: ProgressEvent): void => {
      if (event.type !== 'file' || event.name !== 'disk0.vmdk' || restarting !== undefined) return;
      restarting = first.stop().then(() => startService(folder, { port: first.port }));
    };
    await importPackage({ ...options(backend, await asFolder(sample)), onProgress, concurrency: 1 });
    const second = await restarting;
    expect(second).toBeDefined();
    if (second) expect(await storedDisks(second)).toEqual(disksOf(sample));
  });

  test('for good gives up after its retries, with the last reason', async () => {
    const { backend } = await start();
    const broken = new SessionError('RESOURCE_INACCESSIBLE', 'the wire is cut');
    const upload = async (): Promise<never> => {
      throw broken;
    };
    const run = importPackage({
      ...options({ ...backend, files: { ...backend.files, upload } }, await asFolder(makeSample())),
      retries: 1,
    });
    await expect(run).rejects.toBe(broken);
    await expectNothingLeft(backend);
  });
});

describe('a canceled import', () => {
  test('rejects with the reason and leaves neither session nor machine', async () => {
    const { backend } = await start();
    const controller = new AbortController();
    const reason = new Error('Ctrl-C');
    const onProgress = (event: ProgressEvent): void => {
      if (event.type === 'file' && event.name.endsWith('.vmdk')) controller.abort(reason);
    };
    const reader = await asFolder(makeSample({ diskSize: 16 * 1024 * 1024 }));
    await expect(importPackage({ ...options(backend, reader), onProgress, signal: controller.signal })).rejects.toBe(
      reason,
    );
    await expectNothingLeft(backend);
  });

  test('while its session is being made leaves none', async () => {
    const { backend } = await start();
    const controller = new AbortController();
    const create: SessionBackend['importSession']['createForResourcePool'] = async (input, { signal } = {}) => {
      const id = await backend.importSession.createForResourcePool(input);
      if (!controller.signal.aborted) controller.abort(new Error('too late'));
      signal?.throwIfAborted();
      return id;
    };
    const slow = { ...backend, importSession: { ...backend.importSession, createForResourcePool: create } };
    const run = importPackage({ ...options(slow, await asFolder(makeSample())), signal: controller.signal });
    await expect(run).rejects.toThrow('too late');
    await expectNothingLeft(backend);
  });

  test('before it began calls nobody', async () => {
    const { backend } = await start();
    const run = importPackage({
      ...options(backend, await asFolder(makeSample())),
      signal: AbortSignal.abort(new Error('never')),
    });
    await expect(run).rejects.toThrow('never');
  });
});
