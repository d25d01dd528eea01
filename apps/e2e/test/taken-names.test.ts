import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ovfkitPath } from '../src/programs.ts';
import { needed, openScene, type Scene } from './support/scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());

const importing = (name: string, ...more: readonly string[]): readonly string[] => [
  ...['import', scene.appliance.folder, '--to', 'lab'],
  ...needed,
  ...['-n', name, ...more, '--json'],
];

/** Another user of the same machine: nothing tells the one of the other's jobs. */
const elsewhere = { env: { OVFKIT_STATE_DIR: 'elsewhere' } };

/** Holds an import still when it has made its session, which is when its name is decided, and does something meanwhile. */
async function heldWhile(args: readonly string[], meanwhile: () => Promise<void>) {
  const { PATH, HOME } = process.env;
  const config = join(scene.folder, 'config');
  const env = { PATH, HOME, OVFKIT_CONFIG_DIR: config, OVFKIT_STATE_DIR: config };
  const child = spawn(process.execPath, [ovfkitPath, ...args], { env });
  const ended = once(child, 'exit');
  const stderr = text(child.stderr);
  const lines = createInterface({ input: child.stdout });
  await new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      if (!line.includes('"type":"session"') || child.killed) return;
      child.kill('SIGSTOP');
      resolve();
    });
  });
  await meanwhile();
  child.kill('SIGCONT');
  await ended;
  return { exitCode: child.exitCode, stderr: await stderr };
}

const names = async () => (await (await scene.rest()).listVms()).map(({ name }) => name).toSorted();

test('two imports that choose the same free name both succeed, under two names', async () => {
  expect(await scene.ovfkit(importing('web'))).toMatchObject({ exitCode: 0 });
  const held = await heldWhile(importing('web', '--if-exists', 'rename'), async () => {
    const other = await scene.ovfkit(importing('web', '--if-exists', 'rename'), { cwd: scene.folder, ...elsewhere });
    expect(other, other.stderr).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('web-2') });
  });
  expect(held, held.stderr).toMatchObject({ exitCode: 0 });
  expect(await names()).toEqual(['web', 'web-2', 'web-3']);
  expect(await (await scene.rest()).listImportSessions()).toEqual([]);
});

test('a name that is taken while the package is sent ends the import with what to do', async () => {
  const held = await heldWhile(importing('db'), async () => {
    expect(await scene.ovfkit(importing('db'), { cwd: scene.folder, ...elsewhere })).toMatchObject({ exitCode: 0 });
  });
  expect(held).toMatchObject({
    exitCode: 5,
    stderr: expect.stringMatching(/\bdb\b[^\n]*\nnext: .*--if-exists rename/),
  });
  expect((await names()).filter((name) => name.startsWith('db'))).toEqual(['db']);
  expect(await (await scene.rest()).listImportSessions()).toEqual([]);
});
