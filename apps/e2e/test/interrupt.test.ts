import { existsSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
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
