import { setTimeout as sleep } from 'node:timers/promises';
import type { PackageReader } from '@ovfkit/package-format';
import { expect, test } from 'vitest';
import { importPackage, type ProgressEvent } from '../src/index.ts';
import { options, storedDisks } from './support/import.ts';
import { asFolder, disksOf, makeSample, type Sample } from './support/sample.ts';
import { connect, layWire, startService, tempFolder } from './support/service.ts';

const sizeOf = ({ files }: Sample): number => [...files.values()].reduce((sum, { length }) => sum + length, 0);

/** A session or a login lives so long without use. */
const lifeMs = 1_000;
const silenceMs = 2.5 * lifeMs;

/** The package from a disk that falls asleep in the middle of a file. */
const drowsy = (reader: PackageReader): PackageReader => ({
  ...reader,
  async *read(name, part) {
    const isLong = part !== undefined && part.end - part.start > 200_000;
    if (!isLong) return yield* reader.read(name, part);
    const middle = Math.floor((part.start + part.end) / 2);
    yield* reader.read(name, { ...part, end: middle });
    await sleep(silenceMs);
    yield* reader.read(name, { ...part, start: middle });
  },
});

test('a file that comes more slowly than its session and its login last arrives, and no byte of it twice', async () => {
  const service = await startService(await tempFolder(), { idleTimeoutMs: lifeMs, tokenLifetimeMs: lifeMs });
  const backend = await connect(service.port);
  const sample = makeSample({ disks: 1 });
  const { bytesSent } = await importPackage(options(backend, drowsy(await asFolder(sample))));
  expect(bytesSent).toBe(sizeOf(sample));
  expect(await storedDisks(service)).toEqual(disksOf(sample));
});

test('a connection that breaks after its login has expired is taken up at the byte where it broke', async () => {
  const service = await startService(await tempFolder(), { idleTimeoutMs: 10 * lifeMs, tokenLifetimeMs: lifeMs });
  const wire = await layWire(service.port);
  const backend = await connect(wire.port);
  const sample = makeSample({ disks: 1, diskSize: 4_000_000 });
  const events: ProgressEvent[] = [];
  wire.cutAfter('up', 3_000_000);
  const { bytesSent } = await importPackage({
    ...options(backend, drowsy(await asFolder(sample))),
    onProgress: (event) => events.push(event),
  });
  expect(wire.cuts()).toBe(1);
  expect(events.some(({ type }) => type === 'retry')).toBe(true);
  // what was on the wire is lost, and no more
  expect(bytesSent - sizeOf(sample)).toBeLessThan(2_000_000);
  expect(wire.passed('up')).toBeLessThan(sizeOf(sample) + 2_000_000);
  expect(await storedDisks(service)).toEqual(disksOf(sample));
});
