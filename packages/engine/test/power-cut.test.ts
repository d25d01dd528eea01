import { join } from 'node:path';
import { noise, samplePackage } from '@ovfkit/conformance';
import type { SessionBackend, UploadState } from '@ovfkit/domain';
import { expect, onTestFinished, test } from 'vitest';
import { watchFlushes } from './support/power-cut.ts';

const sample = samplePackage({ name: 'cut' });
const { descriptor, disk } = sample;

/** Of the disk, as an answer said it. */
interface Acknowledged {
  readonly copy: string;
  readonly id: string;
  readonly offset: number;
}

test('after a power cut at any flush every acknowledged byte is there, and the import goes on to its end', async () => {
  const { mkdtempSync, rmSync } = await import('node:fs');
  const { tmpdir } = await import('node:os');
  const root = mkdtempSync(join(tmpdir(), 'ovfkit-cut-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const folder = join(root, 'store');
  const fragile = watchFlushes(folder);
  onTestFinished(() => fragile.restore());
  // loaded now: they take functions of node:fs with them
  const { admin, startEngine } = await import('./support/engine.ts');
  const session = await import('./support/session.ts');
  const { engine } = await startEngine({ folder });
  const backend = engine.backendFor(admin);

  const cuts: Acknowledged[] = [];
  let acknowledged: Omit<Acknowledged, 'copy'> | undefined;
  fragile.onFlush = () => {
    if (acknowledged === undefined) return;
    const copy = join(root, `cut-${cuts.length}`);
    fragile.cutInto(copy);
    cuts.push({ copy, ...acknowledged });
  };
  const id = await session.createImport(backend, session.push);
  acknowledged = { id, offset: 0 };
  await session.send(backend, { id, name: 'descriptor.ovf', bytes: descriptor.bytes });
  await session.until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  for (let offset = 0; offset < disk.bytes.length; offset = acknowledged.offset) {
    const end = Math.min(disk.bytes.length, offset + 10_000 + (offset % 7919));
    acknowledged = { id, offset: (await append(backend, { id, offset, end })).offset };
  }
  await session.send(backend, { id, name: disk.name, bytes: disk.bytes }).catch(() => undefined);
  fragile.onFlush = () => {};
  expect(cuts.length).toBeGreaterThan(8);

  for (const { copy, offset } of cuts) {
    const after = await startEngine({ folder: copy });
    const next = after.engine.backendFor(admin);
    const { files } = await next.importSession.get({ id });
    const file = files.find(({ fileType }) => fileType === 'DISK');
    if (file === undefined) await session.send(next, { id, name: 'descriptor.ovf', bytes: descriptor.bytes });
    await session.until(next, id, 'IMPORT_SELECTING_OVF_PARAMS');
    const state = await next.files.uploadState({ kind: 'import', sessionId: id, file: { name: disk.name } });
    expect(state.offset, copy).toBeGreaterThanOrEqual(offset);
    if (!state.isComplete) await append(next, { id, offset: state.offset, end: disk.bytes.length });
    await next.importSession.instantiate({ id, instantiationParameters: [session.accepted] });
    const { vmId } = await session.until(next, id, 'IMPORT_COMPLETED');
    const exported = await session.exportFiles(next, { vmId });
    expect(Buffer.from(exported.get('cut-disk-0.vmdk') ?? noise(0)).equals(disk.bytes), copy).toBe(true);
    await after.engine.close();
    await after.store.close();
  }
});

/** A part of the disk; the last one completes it. */
async function append(
  backend: SessionBackend,
  { id, offset, end }: { readonly id: string; readonly offset: number; readonly end: number },
): Promise<UploadState> {
  const address = { kind: 'import', sessionId: id, file: { name: disk.name } } as const;
  async function* part() {
    yield disk.bytes.subarray(offset, end);
  }
  const upload = { ...address, offset, size: disk.bytes.length, bytes: part() };
  return backend.files.upload(upload);
}
