import { readFile } from 'node:fs/promises';
import { type RequestOptions, request } from 'node:https';
import type { Service } from './service.ts';

/** A virtual machine as the REST API lists it. */
export interface ListedVm {
  readonly vm: string;
  readonly name: string;
  readonly cpus: number;
  readonly power: string;
}

/** The raw REST API, called as any client would: no package of ours is involved. */
export interface VcenterRest {
  listVms(): Promise<readonly ListedVm[]>;
  /** The virtual machine in full, as the API gives it. */
  getVm(vm: string): Promise<unknown>;
  /** Makes an import session that waits for a descriptor; resolves to its id. */
  createPushSession(): Promise<string>;
  /** Makes a content library; resolves to its id. */
  createLibrary(name: string): Promise<string>;
  /** Ids of the items of a content library. */
  listItems(library: string): Promise<readonly string[]>;
  deleteItem(id: string): Promise<void>;
  /** Ids of the import sessions of the user. */
  listImportSessions(): Promise<readonly string[]>;
  /** Ids of the export sessions of the user. */
  listExportSessions(): Promise<readonly string[]>;
  deleteExportSession(id: string): Promise<void>;
  deleteVm(vm: string): Promise<void>;
  stopVm(vm: string): Promise<void>;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: object;
}

function textOf(options: RequestOptions, { method, path, headers, body }: Call): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ ...options, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const status = response.statusCode ?? 0;
        if (status < 400) resolve(text);
        else reject(new Error(`${method} ${path} answered ${status}: ${text}`));
      });
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function callWith(options: RequestOptions, call: Call): Promise<unknown> {
  const text = await textOf(options, call);
  return text === '' ? undefined : JSON.parse(text);
}

/** `{"value": …}` is how /rest wraps what it answers. */
const unwrap = (body: unknown): unknown =>
  typeof body === 'object' && body !== null && 'value' in body ? body.value : undefined;

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(value)) throw new Error(`The REST API answered no list: ${JSON.stringify(value)}`);
  return value;
}

const listedVm = ({ vm, name, cpu_count: cpus, power_state: power }: Readonly<Record<string, unknown>>): ListedVm => ({
  vm: String(vm),
  name: String(name),
  cpus: Number(cpus),
  power: String(power),
});

const json = { 'content-type': 'application/json' };

function idsIn(body: unknown): readonly string[] {
  const ids = unwrap(body);
  return Array.isArray(ids) ? ids.map(String) : [];
}

/** Logs in by Basic authentication, trusting the certificate the service has in its folder. */
export async function openVcenterRest({ url, user, password, certificate }: Service): Promise<VcenterRest> {
  const { hostname, port } = new URL(url);
  const options = { hostname, port, ca: await readFile(certificate) };
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const login = await callWith(options, {
    method: 'POST',
    path: '/rest/com/vmware/cis/session',
    headers: { authorization, 'vmware-use-header-authn': 'true' },
  });
  const headers = { 'vmware-api-session-id': String(unwrap(login)) };
  const post = async (path: string, body: object) =>
    String(unwrap(await callWith(options, { method: 'POST', path, headers: { ...headers, ...json }, body })));
  const list = async (path: string) => listOf(unwrap(await callWith(options, { method: 'GET', path, headers })));
  const remove = async (path: string) => void (await callWith(options, { method: 'DELETE', path, headers }));
  const idsOf = async (kind: string) =>
    (await list(`/rest/com/vmware/vcenter/ovf/${kind}-session`)).map(({ id }) => String(id));
  return {
    listVms: async () => (await list('/rest/vcenter/vm')).map(listedVm),
    getVm: async (vm) => unwrap(await callWith(options, { method: 'GET', path: `/rest/vcenter/vm/${vm}`, headers })),
    createPushSession: async () => {
      const [pool] = await list('/rest/vcenter/resource-pool');
      const poolId = encodeURIComponent(String(pool?.['resource_pool']));
      const path = `/rest/com/vmware/vcenter/ovf/import-session/id:${poolId}?~action=create-for-resource-pool`;
      return post(path, { create_spec: { import_flags: [], source_type: 'PUSH_SOURCE' } });
    },
    createLibrary: (name) => post('/rest/com/vmware/content/local-library', { create_spec: { name, type: 'LOCAL' } }),
    listItems: async (library) => {
      const path = `/rest/com/vmware/content/library/item?library_id=${encodeURIComponent(library)}`;
      return idsIn(await callWith(options, { method: 'GET', path, headers }));
    },
    deleteItem: (id) => remove(`/rest/com/vmware/content/library/item/id:${encodeURIComponent(id)}`),
    listImportSessions: () => idsOf('import'),
    listExportSessions: () => idsOf('export'),
    deleteExportSession: (id) => remove(`/rest/com/vmware/vcenter/ovf/export-session/id:${encodeURIComponent(id)}`),
    deleteVm: (vm) => remove(`/rest/vcenter/vm/${vm}`),
    stopVm: async (vm) => void (await post(`/rest/vcenter/vm/${vm}/power/stop`, {})),
  };
}
