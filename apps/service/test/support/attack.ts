import { request } from 'node:http';
import { join } from 'node:path';
import { type Running, run, start, temporaryFolder } from './process.ts';
import { send } from './wire.ts';

export const password = 'correct horse';
export const others = 'battery staple';
export const attackerAddress = '127.0.0.66';

interface Target {
  readonly service: Running;
  readonly data: string;
  readonly folder: string;
}

/** A service with the users `admin` and `eve`, who is an operator. */
export async function openTarget(...flags: readonly string[]): Promise<Target> {
  const folder = await temporaryFolder();
  const data = join(folder, 'data');
  const argv = ['--data', data, '--listen', '127.0.0.1:0', '--plain-http', ...flags];
  const service = await start({ argv, environment: { OVFKITD_ADMIN_PASSWORD: password } });
  const environment = { OVFKITD_USER_PASSWORD: others };
  await run({ argv: ['user', 'add', 'eve', '--data', data], environment });
  return { service, data, folder };
}

/** One request from the attacker's address; 0 when the connection was closed without an answer. */
export function attack(
  url: string,
  { method = 'GET', headers = {}, body = '', path = '' },
): Promise<{ status: number; text: string }> {
  return new Promise((resolve) => {
    const { hostname, port, pathname, search } = new URL(url);
    const options = { hostname, port, method, headers, path: path || `${pathname}${search}`, agent: false as const };
    const open = request({ ...options, localAddress: attackerAddress }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('close', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    open.on('error', () => resolve({ status: 0, text: '' }));
    open.end(body);
  });
}

/** Logs in from the attacker's address. */
export async function tokenOf(url: string, user: string, secret: string): Promise<string> {
  const authorization = `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
  return JSON.parse((await attack(`${url}/api/session`, { method: 'POST', headers: { authorization } })).text);
}

/** The Info of an import, with its state and errors. */
export const errorsOf = async (url: string, id: string, token: string) =>
  JSON.parse(
    (
      await send({
        url: `${url}/rest/com/vmware/vcenter/ovf/import-session/id:${id}`,
        headers: { 'vmware-api-session-id': token },
      })
    ).text,
  ).value;
