// A service on loopback with a session that waits for one disk, for clients that know nothing but HTTP.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request as plainRequest } from 'node:http';
import { request } from 'node:https';
import { createInterface } from 'node:readline';
import { ovfkitdPath } from '../src/programs.ts';

/** A running ovfkitd. */
export interface MeasuredService {
  readonly url: string;
  /** SHA-256, as it printed it; empty without TLS. */
  readonly thumbprint: string;
  /** Makes an import session that waits for its disk; resolves to the URL of that. */
  diskUrl(descriptor: string): Promise<string>;
  /** Makes an import session that waits for its parameters, with the newest token; resolves to its URL. */
  openSession(descriptor: string): Promise<string>;
  /** A token, for further calls. */
  login(): Promise<string>;
  /** Waits until every import is over, and deletes what was made. */
  clear(): Promise<void>;
  /** Peak memory in bytes so far, where the system tells. */
  peakMemory(): Promise<number | undefined>;
  stop(): Promise<void>;
}

export const password = 'bench-password';

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** @throws Error for any answer from 400 on */
function ask(url: string, { method, path, headers = {}, body }: Asked): Promise<string> {
  const { protocol, hostname, port } = new URL(url);
  const send = protocol === 'https:' ? request : plainRequest;
  return new Promise((resolve, reject) => {
    const sent = send({ hostname, port, path, method, headers, rejectUnauthorized: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if ((response.statusCode ?? 500) < 400) resolve(text);
        else reject(new Error(`${method} ${path} answered ${response.statusCode}: ${text}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

interface Listed {
  readonly [field: string]: string;
}

interface Info {
  readonly state: string;
  readonly files: readonly { readonly file_type: string; readonly file_url: string }[];
}

const sessions = '/rest/com/vmware/vcenter/ovf/import-session';

/** What is asked of a service beside transfers. */
function createCalls(url: string) {
  let token = '';
  const call = async (method: string, path: string, body?: object) => {
    const headers = { 'vmware-api-session-id': token, 'content-type': 'application/json' };
    const text = await ask(url, {
      method,
      path,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return text === '' ? undefined : JSON.parse(text).value;
  };
  const login = async () => {
    const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
    token = JSON.parse(await ask(url, { method: 'POST', path: '/api/session', headers: { authorization } }));
    return token;
  };
  /** The session, once it is in a state. */
  const infoIn = async (path: string, state: string): Promise<Info> => {
    for (;;) {
      const info: Info = await call('GET', path);
      if (info.state === 'IMPORT_ERROR') throw new Error(JSON.stringify(info));
      if (info.state === state) return info;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { call, login, infoIn };
}

/** The path of a session that waits for its parameters. */
async function openSession(calls: ReturnType<typeof createCalls>, url: string, descriptor: string): Promise<string> {
  const { call, infoIn } = calls;
  const [pool]: readonly Listed[] = await call('GET', '/rest/vcenter/resource-pool');
  const create = `${sessions}/id:${pool?.['resource_pool']}?~action=create-for-resource-pool`;
  const id: string = await call('POST', create, { create_spec: { source_type: 'PUSH_SOURCE', import_flags: [] } });
  const path = `${sessions}/id:${id}`;
  const { files } = await infoIn(path, 'IMPORT_OVF_TRANSFER');
  await ask(url, { method: 'PUT', path: new URL(files[0]?.file_url ?? '').pathname, body: descriptor });
  await infoIn(path, 'IMPORT_SELECTING_OVF_PARAMS');
  return path;
}

async function diskUrl(calls: ReturnType<typeof createCalls>, url: string, descriptor: string): Promise<string> {
  const { call, login, infoIn } = calls;
  await login();
  const path = await openSession(calls, url, descriptor);
  await call('POST', `${path}?~action=instantiate`, { instantiation_parameters: [] });
  const transfer = await infoIn(path, 'IMPORT_FILE_TRANSFER');
  return transfer.files.find(({ file_type }) => file_type === 'DISK')?.file_url ?? '';
}

async function clear({ call, login }: ReturnType<typeof createCalls>): Promise<void> {
  await login();
  for (;;) {
    const listed: readonly Listed[] = await call('GET', sessions);
    const running = listed.filter(({ state }) => !['IMPORT_COMPLETED', 'IMPORT_ERROR'].includes(state ?? ''));
    if (running.length === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  for (const { id } of await call('GET', sessions)) await call('DELETE', `${sessions}/id:${id}`);
  const vms: readonly Listed[] = await call('GET', '/rest/vcenter/vm');
  for (const { vm } of vms) await call('DELETE', `/rest/vcenter/vm/${vm}`);
}

/** As Linux counts it. */
async function peakMemory(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const [, kibibytes] = /^VmHWM:\s+(\d+)/m.exec(status) ?? [];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/** Starts the built service on a free port of loopback. */
export async function startMeasured(data: string, flags: readonly string[]): Promise<MeasuredService> {
  const child = spawn(process.execPath, [ovfkitdPath, '--data', data, '--listen', '127.0.0.1:0', ...flags], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, OVFKITD_ADMIN_PASSWORD: password },
  });
  let url = '';
  let thumbprint = '';
  for await (const line of createInterface({ input: child.stdout })) {
    [, url = ''] = /listens on (\S+)/.exec(line) ?? [];
    [, thumbprint = ''] = /SHA-256 thumbprint ([0-9A-F:]+)/i.exec(line) ?? [];
    if (url !== '') break;
  }
  if (url === '') throw new Error('ovfkitd did not start');
  const calls = createCalls(url);
  return {
    url,
    thumbprint,
    diskUrl: (descriptor) => diskUrl(calls, url, descriptor),
    openSession: async (descriptor) => `${url}${await openSession(calls, url, descriptor)}`,
    login: calls.login,
    clear: () => clear(calls),
    peakMemory: () => peakMemory(child.pid ?? 0),
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
