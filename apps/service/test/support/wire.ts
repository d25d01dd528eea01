import { readFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { fileURLToPath } from 'node:url';

export interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
}

export interface Sent {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** PEM to trust. */
  readonly ca?: string;
}

/** One request on a connection of its own. */
export function send({ url, method = 'GET', headers = {}, body, ca }: Sent): Promise<Received> {
  return new Promise((resolve, reject) => {
    const options = { method, agent: false as const, headers };
    const open = url.startsWith('https:') ? secureRequest(url, { ...options, ca }) : plainRequest(url, options);
    open.on('error', reject).on('response', (response) => {
      const chunks: Buffer[] = [];
      response
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('error', reject)
        .on('end', () => {
          const bytes = Buffer.concat(chunks);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, text: bytes.toString() });
        });
    });
    open.end(body);
  });
}

export interface FileEntry {
  readonly name: string;
  readonly file_url: string;
}

const pushSource = {
  source_type: 'PUSH_SOURCE',
  push_source_content_type: 'OVF_SOURCE',
  push_source_ovf_option: 'NONE',
};

/** The contract by hand, as curl would speak it. */
export async function logIn(url: string, password: string, ca?: string) {
  const trust = ca === undefined ? {} : { ca };
  const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
  const login = await send({
    ...trust,
    url: `${url}/rest/com/vmware/cis/session`,
    method: 'POST',
    headers: { authorization },
  });
  if (login.status !== 200) throw new Error(`The login answered ${login.status}: ${login.text}`);
  const headers = { 'vmware-api-session-id': JSON.parse(login.text).value };
  const imports = `${url}/rest/com/vmware/vcenter/ovf/import-session`;

  async function call(method: string, path: string, body?: unknown) {
    const answer = await send({
      ...trust,
      url: path,
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (answer.status !== 200) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`);
    return answer.text === '' ? undefined : JSON.parse(answer.text).value;
  }
  const get = (id: string) => call('GET', `${imports}/id:${id}`);
  return {
    token: headers['vmware-api-session-id'],
    get,
    listVms: () => call('GET', `${url}/rest/vcenter/vm`),
    call,
    async create(source: object = pushSource): Promise<string> {
      const [{ resource_pool: pool }] = await call('GET', `${url}/rest/vcenter/resource-pool`);
      return call('POST', `${imports}/id:${pool}?~action=create-for-resource-pool`, {
        create_spec: {
          '@class': 'com.vmware.vcenter.ovf.import_session.create_spec',
          import_flags: [],
          ...source,
        },
      });
    },
    /** Waits for a state, a tenth of a second between looks. */
    async until(id: string, state: string) {
      for (let looks = 0; looks < 100; looks++) {
        const info = await get(id);
        if (info.state === state) return info;
        if (info.state === 'IMPORT_ERROR') throw new Error(JSON.stringify(info.errors));
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error(`The session is not in ${state} after ten seconds.`);
    },
    async fileUrl(id: string, name: string): Promise<string> {
      const { files }: { files: FileEntry[] } = await get(id);
      return files.find((each) => each.name === name)?.file_url ?? `no file ${name}`;
    },
    upload: (url: string, body: Uint8Array | string) => send({ ...trust, url, method: 'PUT', body }),
    instantiate: (id: string) =>
      call('POST', `${imports}/id:${id}?~action=instantiate`, { instantiation_parameters: [] }),
  };
}

/** A descriptor of one virtual machine with one disk of so many bytes in `disk.vmdk`. */
export const descriptorFor = (size: number): string =>
  readFileSync(fileURLToPath(new URL('../fixtures/appliance.ovf', import.meta.url)), 'utf8').replace(
    'DISK_SIZE',
    String(size),
  );
