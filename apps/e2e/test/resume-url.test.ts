import { readdirSync, statSync } from 'node:fs';
import { cp, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type FileServer, serveFolder } from '../src/file-server.ts';
import { type Ended, jsonLines } from '../src/ovfkit.ts';
import { compareDisks } from '../src/verify.ts';
import { refusedPort } from './support/dead-ports.ts';
import { openGate } from './support/gate.ts';
import { openRelay } from './support/relay.ts';
import { mib, needed, openScene, resultOf, type Scene } from './support/scene.ts';

let scene: Scene;
let served: string;
let server: FileServer;
beforeAll(async () => {
  scene = await openScene([96 * mib, 16 * mib]);
  served = join(scene.folder, 'served');
  await cp(scene.appliance.folder, served, { recursive: true });
  // nothing but the server tells one of its packages from another
  for (const name of readdirSync(served)) if (name.endsWith('.mf')) await rm(join(served, name));
  server = await serveFolder(served, 'http');
});
afterAll(async () => {
  await server.close();
  await scene.close();
});
afterEach(async () => {
  const rest = await scene.rest();
  expect(await rest.listImportSessions()).toEqual([]);
  for (const { vm } of await rest.listVms()) await rest.deleteVm(vm);
});

const nameOf = (ending: string): string => readdirSync(served).find((name) => name.endsWith(ending)) ?? '';

const importing = (base = server.url, query = ''): readonly string[] => [
  'import',
  `${base}${nameOf('.ovf')}${query}`,
  '--via-client',
  '--to',
  'lab',
  ...needed,
  '-n',
  'served',
  '--json',
];

/** An import that is killed while a disk moves; resolves to the id of its session. */
async function killed(): Promise<unknown> {
  const controller = new AbortController();
  const onLine = (line: string): void => {
    if (line.includes('"type":"file"') && line.includes('disk')) controller.abort();
  };
  const ended: Ended = await scene.ovfkit(importing(), { onLine, signal: controller.signal, by: 'SIGKILL' });
  return jsonLines(ended.stdout).find(({ type }) => type === 'session')?.['id'];
}

async function expectWhole(): Promise<void> {
  const output = join(scene.folder, 'out');
  expect(await scene.ovfkit(['export', 'served', '--from', 'lab', '-o', output, '--overwrite'])).toMatchObject({
    exitCode: 0,
  });
  expect(await compareDisks(served, output)).toBeGreaterThan(mib);
}

describe('an import of a package at a server that is sent from here and was killed', () => {
  test('goes on in its session', async () => {
    const session = await killed();
    const again = await scene.ovfkit(importing());
    expect(again, again.stderr).toMatchObject({ exitCode: 0 });
    expect(resultOf(again)['sessionId']).toBe(session);
    await expectWhole();
  });

  test('waits for a server that is away for a while in the middle of a disk', async () => {
    const { port } = new URL(server.url);
    const relay = await openRelay(Number(port), await refusedPort());
    await relay.mend();
    onTestFinished(() => relay.cut());
    let away: Promise<void> | undefined;
    const ended = await scene.ovfkit(importing(`http://127.0.0.1:${relay.port}/`), {
      onLine: (line) => {
        if (line.includes('"type":"file"') && line.includes('disk'))
          away ??= relay
            .cut()
            .then(() => sleep(10_000))
            .then(() => relay.mend());
      },
    });
    await away;
    expect(ended, ended.stderr).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('it goes on from there'),
    });
    await expectWhole();
  });

  test('begins anew when a disk there is another by now, though no manifest tells', async () => {
    const session = await killed();
    await utimes(join(served, nameOf('.vmdk')), 1, 1);
    const again = await scene.ovfkit(importing());
    expect(again, again.stderr).toMatchObject({ exitCode: 0 });
    expect(again.stdout).toContain('The package has changed since the import began; it begins anew.');
    expect(resultOf(again)['sessionId']).not.toBe(session);
    await expectWhole();
  });

  test('goes on in its session with an address that is signed anew, when the one it had is good no longer', async () => {
    const gate = await openGate(server.url);
    onTestFinished(() => gate.close());
    gate.letThrough('first', 48 * mib);
    const refused = await scene.ovfkit(importing(gate.url, '?X-Amz-Expires=60&X-Amz-Signature=first'));
    expect(refused).toMatchObject({ exitCode: 6, stderr: expect.stringMatching(/answered 403.*\n.*fresh one/) });
    expect(refused.stdout).toContain('ovfkit sessions resume');
    const session = jsonLines(refused.stdout).find(({ type }) => type === 'session')?.['id'];
    gate.letThrough('second', Number.POSITIVE_INFINITY);
    const again = await scene.ovfkit(importing(gate.url, '?X-Amz-Expires=60&X-Amz-Signature=second'));
    expect(again, again.stderr).toMatchObject({ exitCode: 0 });
    expect(resultOf(again)['sessionId']).toBe(session);
    const size = readdirSync(served).reduce((sum, name) => sum + statSync(join(served, name)).size, 0);
    expect(resultOf(again)['bytesSent']).toBeLessThan(size / 2);
    await expectWhole();
  });
});
