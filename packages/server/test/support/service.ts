import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSessionServer, type SessionServer, type SessionServerOptions } from '@ovfkit/server';
import { openLocalStore } from '@ovfkit/store-local';
import { afterAll } from 'vitest';
import { createFileBackend, type FileBackend } from './file-backend.ts';
import { send } from './http.ts';

export interface Service extends FileBackend {
  readonly url: string;
  readonly server: SessionServer;
  /** Headers of a logged-in operator. */
  readonly auth: { readonly 'vmware-api-session-id': string };
  /** Makes an import session; resolves to its id. */
  newImport(): Promise<string>;
  /** The file's URL as `get` gives it. */
  fileUrl(id: string, name: string): Promise<string>;
  /** The URL of a file of an export session. */
  exportUrl(id: string): Promise<string>;
}

export const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

const users = new Map([
  ['ann', 'operator' as const],
  ['bob', 'viewer' as const],
]);

// registered here, as a test that runs cannot register any more
const started: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const stop of started) await stop();
});

/** A server on a free port over a real blob store in a temporary folder; stopped after the file's tests. */
export async function startService(options: Partial<SessionServerOptions> = {}, ca?: string): Promise<Service> {
  const folder = await mkdtemp(join(tmpdir(), 'ovfkit-server-'));
  const store = await openLocalStore(folder);
  const files = createFileBackend(store);
  const server = createSessionServer({
    backendFor: () => files.backend,
    authenticate: async (user, password) => {
      const role = users.get(user);
      return role !== undefined && password === `${user}'s` ? { user, role } : undefined;
    },
    secret: new Uint8Array(32).fill(7),
    ...options,
  });
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 });
  started.push(async () => {
    await server.close();
    await store.close();
    await rm(folder, { recursive: true });
  });
  return { ...files, server, url, ...(await client(url, 'ann', ca)) };
}

/** What the tests ask of a logged-in client. */
export async function client(
  url: string,
  user = 'ann',
  ca?: string,
): Promise<Pick<Service, 'auth' | 'newImport' | 'fileUrl' | 'exportUrl'>> {
  const ovf = `${url}/rest/com/vmware/vcenter/ovf`;
  const options = ca === undefined ? {} : { ca };
  const login = await send({
    ...options,
    url: `${url}/rest/com/vmware/cis/session`,
    method: 'POST',
    headers: { authorization: basic(user, `${user}'s`), 'vmware-use-header-authn': 'true' },
  });
  const auth = { 'vmware-api-session-id': login.json.value };
  const urlOf = async (path: string, name?: string): Promise<string> => {
    const { json } = await send({ ...options, url: `${ovf}/${path}`, headers: auth });
    return json.value.files.find((each: { name: string }) => name === undefined || each.name === name).file_url;
  };
  return {
    auth,
    newImport: async () =>
      (
        await send({
          ...options,
          url: `${ovf}/import-session/id:resgroup-8?~action=create-for-resource-pool`,
          method: 'POST',
          headers: auth,
          body: JSON.stringify({
            create_spec: {
              '@class': 'com.vmware.vcenter.ovf.import_session.create_spec',
              source_type: 'PUSH_SOURCE',
              import_flags: [],
              push_source_content_type: 'OVF_SOURCE',
            },
          }),
        })
      ).json.value,
    fileUrl: (id, name) => urlOf(`import-session/id:${id}`, name),
    exportUrl: (id) => urlOf(`export-session/id:${id}`),
  };
}
