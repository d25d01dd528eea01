import { sampleOva, samplePackage, writeArchive } from '@ovfkit/conformance';
import { expect, test } from 'vitest';
import { admin, startEngine } from './support/engine.ts';
import { serveFiles } from './support/file-server.ts';
import { httpPullSource } from './support/http-pull-source.ts';
import { accepted, createImport, textOf, until } from './support/session.ts';

const limits = { pullAttempts: 3, pullRetryDelayMs: 1 };
const { descriptor, disk, manifest, ...sample } = samplePackage({ name: 'pulled' });
const folder = [descriptor, disk, manifest].map(({ name, bytes }) => [name, bytes] as const);

/** Begins a pull, by an engine of its own; `ended` resolves to the session in that state. */
async function pulling(url: string) {
  const { engine } = await startEngine({ pull: httpPullSource, limits });
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, { importFlags: [], sourceType: 'PULL_SOURCE', pullSource: url });
  return {
    async completed() {
      await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
      await backend.importSession.instantiate({ id, instantiationParameters: [accepted] });
      return until(backend, id, 'IMPORT_COMPLETED');
    },
    failed: () => until(backend, id, 'IMPORT_ERROR'),
  };
}

test('a source that is cut off more often than it is tried is pulled all the same, as long as it gives more each time', async () => {
  const server = await serveFiles(folder);
  const breaks = Array.from({ length: 2 * limits.pullAttempts }, () => 6_000);
  expect(disk.bytes.length).toBeGreaterThan(6_000 * breaks.length);
  server.mood.breaks.set(disk.name, breaks);
  await (await pulling(`${server.url}/${descriptor.name}`)).completed();
  expect(breaks).toEqual([]);
});

test.each([401, 403])('a source that answers %i is asked once', async (status) => {
  const server = await serveFiles(folder);
  server.mood.refusal = status;
  const info = await (await pulling(`${server.url}/${descriptor.name}`)).failed();
  expect(textOf(info)).toContain(String(status));
  expect(server.seen).toHaveLength(1);
});

test('a source that is busy is asked again', async () => {
  const server = await serveFiles(folder);
  server.mood.refusal = 429;
  await (await pulling(`${server.url}/${descriptor.name}`)).failed();
  expect(server.seen).toHaveLength(limits.pullAttempts);
});

test.each([
  ['in the usual order', sampleOva({ descriptor, disk, manifest, ...sample })],
  ['with its descriptor after the disk', writeArchive([disk, descriptor, manifest])],
])('of an OVA %s no byte of a disk is asked for twice', async (_, ova) => {
  const server = await serveFiles([['pulled.ova', ova]]);
  await (await pulling(`${server.url}/pulled.ova`)).completed();
  const asked = server.seen.map(({ range = '' }) => {
    const [start = 0, last = ova.length - 1] = /^bytes=(\d+)-(\d+)$/.exec(range)?.slice(1).map(Number) ?? [];
    return last + 1 - start;
  });
  expect(asked.filter((size) => size >= disk.bytes.length)).toHaveLength(1);
  expect(asked.reduce((sum, size) => sum + size, 0)).toBeLessThan(ova.length + 40 * 512);
});
