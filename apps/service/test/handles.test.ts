import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { start, temporaryFolder } from './support/process.ts';
import { descriptorFor, logIn } from './support/wire.ts';

const password = 'correct horse';
const size = 1024 * 1024;

/** Sets how many files the process may have open. */
const limitHandles = (pid: number, handles: number) =>
  promisify(execFile)('prlimit', ['--pid', String(pid), `--nofile=${handles}:4096`]);

/** Requests on one connection, which is open before there are no more handles. */
function openConnection() {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  return (url: string, method: string, body?: Uint8Array): Promise<number> =>
    new Promise((resolve, reject) => {
      request(url, { method, agent, headers: { 'content-length': body?.length ?? 0 } }, (response) =>
        response.resume().on('end', () => resolve(response.statusCode ?? 0)),
      )
        .on('error', reject)
        .end(body);
    });
}

test('a service that has no handle left refuses an upload as one to repeat, and takes it when it has some again', async () => {
  const data = await temporaryFolder();
  const service = await start({
    argv: ['--data', data, '--listen', '127.0.0.1:0', '--plain-http'],
    environment: { OVFKITD_ADMIN_PASSWORD: password },
  });
  const client = await logIn(service.url, password);
  const id = await client.create();
  await client.upload(await client.fileUrl(id, 'descriptor.ovf'), descriptorFor(size));
  await client.until(id, 'IMPORT_SELECTING_OVF_PARAMS');
  const url = await client.fileUrl(id, 'disk.vmdk');
  const send = openConnection();
  expect(await send(url, 'HEAD')).toBe(204);
  const bytes = randomBytes(size);
  await limitHandles(service.pid, (await readdir(`/proc/${service.pid}/fd`)).length - 8);
  expect(await send(url, 'PUT', bytes)).toBe(503);
  await limitHandles(service.pid, 1024);
  expect(await openConnection()(url, 'PUT', bytes)).toBe(201);
  await client.instantiate(id);
  await client.until(id, 'IMPORT_COMPLETED');
});
