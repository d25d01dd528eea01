import { existsSync, readdirSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { mib, needed, openScene, type Scene } from './support/scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene([192 * mib]);
});
afterAll(() => scene.close());

/** Interrupts a command as soon as one of its JSON lines is of the kind. */
async function interruptedAt(args: readonly string[], isMoment: (line: string) => boolean) {
  const controller = new AbortController();
  const onLine = (line: string): void => {
    if (isMoment(line)) controller.abort();
  };
  return scene.ovfkit([...args, '--json'], { onLine, signal: controller.signal });
}

test.each([
  ['the descriptor is read', '"IMPORT_SELECTING_OVF_PARAMS"'],
  ['disks move', '"IMPORT_FILE_TRANSFER"'],
])('Ctrl-C while %s leaves no session and no virtual machine', async (_, moment) => {
  const ended = await interruptedAt(['import', scene.appliance.folder, '--to', 'lab', ...needed], (line) =>
    line.includes(moment),
  );
  expect(ended).toMatchObject({ exitCode: 130, stderr: expect.stringContaining('Canceled by SIGINT') });
  const rest = await scene.rest();
  expect(await rest.listImportSessions()).toEqual([]);
  expect(await rest.listVms()).toEqual([]);
});

test('Ctrl-C during an export leaves no file behind', async () => {
  expect((await scene.ovfkit(['import', scene.appliance.folder, '--to', 'lab', ...needed])).exitCode).toBe(0);
  const path = join(scene.folder, 'exported.ova');
  const ended = await interruptedAt(['export', 'sample', '--from', 'lab', '-o', path], (line) =>
    line.includes('"type":"file"'),
  );
  expect(ended.exitCode).toBe(130);
  expect(existsSync(path)).toBe(false);
  expect(existsSync(`${path}.part`)).toBe(false);
});

describe('Ctrl-C while the target does not answer', () => {
  beforeEach(async () => {
    const rest = await scene.rest();
    for (const { vm } of await rest.listVms()) await rest.deleteVm(vm);
  });

  async function interruptedInSilence(args: readonly string[]) {
    const { pid } = scene.service;
    const ended = await interruptedAt([...args, '--on-interrupt', 'abort'], (line) => {
      const isMoment = line.includes('"type":"file"') && line.includes('disk');
      if (isMoment) process.kill(pid, 'SIGSTOP');
      return isMoment;
    });
    await scene.restart(); // what it was told meanwhile is lost with it
    return ended;
  }

  async function expectGivenUp(kind: string): Promise<void> {
    const [job] = JSON.parse((await scene.ovfkit(['sessions', 'list', '--json'])).stdout);
    expect(job).toMatchObject({ kind, givenUp: true });
    const { stdout } = await scene.ovfkit(['sessions', 'gc', '--json']);
    expect(JSON.parse(stdout)).toEqual([
      expect.objectContaining({ id: job.id, removed: true, reason: expect.stringContaining('given up') }),
    ]);
    expect((await scene.ovfkit(['sessions', 'list', '--json'])).stdout).toBe('[]');
    expect((await scene.ovfkit(['sessions', 'list', '--on', 'lab', '--json'])).stdout).toBe('[]');
  }

  test('leaves the end of an import to gc, and says so', async () => {
    const ended = await interruptedInSilence([
      'import',
      scene.appliance.folder,
      '--to',
      'lab',
      '-n',
      'left',
      ...needed,
    ]);
    expect(ended).toMatchObject({ exitCode: 130, stdout: expect.stringContaining('ovfkit sessions gc') });
    expect(await (await scene.rest()).listImportSessions()).toHaveLength(1);
    await expectGivenUp('import');
    expect(await (await scene.rest()).listVms()).toEqual([]);
  });

  test('leaves an import that goes on all the same when it is run again', async () => {
    const importing = ['import', scene.appliance.folder, '--to', 'lab', '-n', 'again', ...needed];
    await interruptedInSilence(importing);
    expect(await scene.ovfkit(importing)).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('goes on (IMPORT_FILE_TRANSFER)'),
    });
    expect((await scene.ovfkit(['sessions', 'list', '--json'])).stdout).toBe('[]');
  });

  test('leaves the end of an export to gc, and no file', async () => {
    const imported = await scene.ovfkit(['import', scene.appliance.folder, '--to', 'lab', '-n', 'again', ...needed]);
    expect(imported, imported.stderr).toMatchObject({ exitCode: 0 });
    const path = join(scene.folder, 'left.ova');
    const ended = await interruptedInSilence(['export', 'again', '--from', 'lab', '-o', path]);
    expect(ended).toMatchObject({ exitCode: 130, stdout: expect.stringContaining('ovfkit sessions gc') });
    expect(readdirSync(scene.folder).filter((name) => name.startsWith('left'))).toEqual([]);
    await expectGivenUp('export');
  });
});

/** A server that takes connections and says nothing; tells of the first. */
async function startSilent(onConnection: () => void): Promise<string> {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    sockets.push(socket);
    onConnection();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  return `http://admin@127.0.0.1:${address.port}`;
}

test('Ctrl-C at a target that does not answer ends at once', async () => {
  const controller = new AbortController();
  let askedAt = 0;
  const url = await startSilent(() => {
    askedAt = performance.now();
    controller.abort();
  });
  const env = { OVFKIT_PASSWORD: 'p' };
  const ended = await scene.ovfkit(['import', scene.appliance.folder, '--to', url], { env, signal: controller.signal });
  expect(ended.exitCode).toBe(130);
  expect(performance.now() - askedAt).toBeLessThan(20_000); // a login is waited for a minute otherwise
});
