// curl alone, following the API's documentation: what a user without any of our programs would do.
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FileServer, serveFolder } from '../src/file-server.ts';
import { compareDisks, verifyManifest } from '../src/verify.ts';
import { openScene, type Scene } from './support/scene.ts';

const run = promisify(execFile);
const ovf = '/rest/com/vmware/vcenter/ovf';

interface SessionFile {
  readonly name: string;
  readonly file_type: string;
  readonly file_url: string;
  readonly optional_upload: boolean;
}

interface SessionInfo {
  readonly state: string;
  readonly files: readonly SessionFile[];
  readonly errors: readonly unknown[];
  readonly vm_id?: string;
}

let scene: Scene;
let files: FileServer;
let token: string;

const curl = async (...args: readonly string[]): Promise<string> => {
  const { stdout } = await run('curl', [
    '--silent',
    '--show-error',
    '--fail-with-body',
    '--cacert',
    scene.service.certificate,
    ...args,
  ]);
  return stdout;
};

/** A call of the API: `{"value": …}` unwrapped. */
async function call(method: string, path: string, body?: object) {
  const json = body === undefined ? [] : ['--header', 'Content-Type: application/json', '--data', JSON.stringify(body)];
  const header = ['--header', `vmware-api-session-id: ${token}`];
  const text = await curl('--request', method, ...header, ...json, `${scene.service.url}${path}`);
  return text === '' ? undefined : JSON.parse(text).value;
}

const infoOf = (kind: string, id: string): Promise<SessionInfo> => call('GET', `${ovf}/${kind}-session/id:${id}`);

async function until(kind: string, { id, states }: { id: string; states: readonly string[] }): Promise<SessionInfo> {
  for (;;) {
    const info = await infoOf(kind, id);
    if (states.includes(info.state)) return info;
    if (info.state.endsWith('_ERROR')) throw new Error(JSON.stringify(info.errors));
  }
}

beforeAll(async () => {
  scene = await openScene();
  files = await serveFolder(scene.appliance.folder);
  const { user, password, url } = scene.service;
  const login = await curl(
    '--request',
    'POST',
    '--user',
    `${user}:${password}`,
    '--header',
    'vmware-use-header-authn: true',
    `${url}/rest/com/vmware/cis/session`,
  );
  token = JSON.parse(login).value;
});
afterAll(async () => {
  await files.close();
  await scene.close();
});

async function create(spec: object): Promise<string> {
  const [pool] = await call('GET', '/rest/vcenter/resource-pool');
  const path = `${ovf}/import-session/id:${pool.resource_pool}?~action=create-for-resource-pool`;
  const type = 'com.vmware.vcenter.ovf.import_session.create_spec';
  return call('POST', path, { create_spec: { '@class': type, import_flags: [], ...spec } });
}

/** Names, networks and licences in the words of the contract. */
async function parameters(name: string): Promise<object> {
  const [network] = await call('GET', '/rest/vcenter/network');
  const type = 'com.vmware.vcenter.ovf';
  return {
    instantiation_parameters: [
      { '@class': `${type}.name_and_product_params`, type: 'NameAndProductParams', name },
      { '@class': `${type}.eula_params`, type: 'EulaParams', all_EULA_accepted: true },
      {
        '@class': `${type}.network_mapping_params`,
        type: 'NetworkMappingParams',
        source_networks: ['Frontend', 'Backend'].map((source) => ({ name: source, target: network.network })),
      },
    ],
  };
}

async function instantiate(id: string, name: string): Promise<void> {
  const body = await parameters(name);
  const { errors } = await call('POST', `${ovf}/import-session/id:${id}?~action=try-instantiate`, body);
  expect(errors).toEqual([]);
  await call('POST', `${ovf}/import-session/id:${id}?~action=instantiate`, body);
}

const put = (file: SessionFile, path: string) => curl('--upload-file', path, file.file_url);

async function finish(id: string): Promise<string> {
  const { vm_id: vm } = await until('import', { id, states: ['IMPORT_COMPLETED'] });
  await call('DELETE', `${ovf}/import-session/id:${id}`);
  return vm ?? '';
}

test('a push import with a manifest', async () => {
  const { folder, descriptor } = scene.appliance;
  const id = await create({
    source_type: 'PUSH_SOURCE',
    push_source_content_type: 'OVF_SOURCE',
    push_source_ovf_option: 'MANIFEST',
  });
  const [first] = (await infoOf('import', id)).files;
  if (first === undefined) throw new Error('the session asks for no descriptor');
  await put(first, descriptor);
  const bundles = await until('import', { id, states: ['IMPORT_MSG_BUNDLES_TRANSFER'] });
  for (const file of bundles.files.filter(({ file_type }) => file_type === 'MSG_BUNDLE'))
    await put(file, join(folder, file.name));
  const { files: all } = await until('import', { id, states: ['IMPORT_SELECTING_OVF_PARAMS'] });
  for (const file of all.filter(({ file_type }) => file_type === 'MANIFEST'))
    await put(file, join(folder, 'sample.mf'));
  await instantiate(id, 'curl-push');
  for (const file of all.filter(({ file_type }) => file_type === 'DISK')) await put(file, join(folder, file.name));
  expect(await finish(id)).toMatch(/^vm-/);
});

test('a push import of an archive, as the three parts the contract names', async () => {
  const archive = await scene.pack();
  const id = await create({ source_type: 'PUSH_SOURCE', push_source_content_type: 'OVA_SOURCE' });
  const send = async (name: string): Promise<void> => {
    const file = (await infoOf('import', id)).files.find((each) => each.name === name);
    if (file === undefined) throw new Error(`the session does not ask for ${name}`);
    await put(file, archive);
  };
  await send('descriptor.ova');
  await until('import', { id, states: ['IMPORT_MSG_BUNDLES_TRANSFER'] });
  await send('message-bundle.ova');
  await until('import', { id, states: ['IMPORT_SELECTING_OVF_PARAMS'] });
  await instantiate(id, 'curl-archive');
  await send('disk-content.ova');
  expect(await finish(id)).toMatch(/^vm-/);
});

test('a pull import over HTTPS with a pinned certificate', async () => {
  const url = `${files.url}${basename(scene.appliance.descriptor)}`;
  const id = await create({
    source_type: 'PULL_SOURCE',
    pull_source: url,
    ssl_certificate_thumbprint: files.thumbprint,
  });
  await until('import', { id, states: ['IMPORT_SELECTING_OVF_PARAMS'] });
  await instantiate(id, 'curl-pull');
  expect(await finish(id)).toMatch(/^vm-/);
});

test('an export of what was imported, whose files are right', async () => {
  const [vm] = await call('GET', '/rest/vcenter/vm?filter.names.1=curl-push');
  const type = 'com.vmware.vcenter.ovf.export_session.create_spec';
  const id = await call('POST', `${ovf}/export-session`, {
    source: { vm_id: vm.vm },
    create_spec: {
      '@class': type,
      target_type: 'DOWNLOAD_TARGET',
      target_content_type: 'OVF_TARGET',
      export_flags: [],
    },
  });
  const folder = join(scene.folder, 'curl-exported');
  await mkdir(folder);
  const { files: all } = await until('export', { id, states: ['EXPORT_READY'] });
  for (const { name, file_url } of all) await curl('--output', join(folder, name), file_url);
  await call('DELETE', `${ovf}/export-session/id:${id}`);
  expect(await verifyManifest(join(folder, 'curl-push.mf'))).toContain('sha256sum');
  expect(await compareDisks(scene.appliance.folder, folder)).toBeGreaterThan(1_000_000);
});

test('a manifest that does not fit ends in an error that names the file, and creates nothing', async () => {
  const { folder, descriptor } = scene.appliance;
  const id = await create({
    source_type: 'PUSH_SOURCE',
    push_source_content_type: 'OVF_SOURCE',
    push_source_ovf_option: 'MANIFEST',
  });
  const wrong = join(scene.folder, 'wrong.mf');
  const manifest = await readFile(join(folder, 'sample.mf'), 'utf8');
  await writeFile(wrong, manifest.replace(/(disk1\.vmdk\)= )\w{8}/, '$100000000'));
  const [first] = (await infoOf('import', id)).files;
  if (first === undefined) throw new Error('the session asks for no descriptor');
  await put(first, descriptor);
  const bundles = await until('import', { id, states: ['IMPORT_MSG_BUNDLES_TRANSFER'] });
  for (const file of bundles.files.filter(({ file_type }) => file_type === 'MSG_BUNDLE'))
    await put(file, join(folder, file.name));
  const { files: all } = await until('import', { id, states: ['IMPORT_SELECTING_OVF_PARAMS'] });
  for (const file of all.filter(({ file_type }) => file_type === 'MANIFEST')) await put(file, wrong);
  await instantiate(id, 'curl-wrong');
  for (const file of all.filter(({ file_type }) => file_type === 'DISK'))
    await put(file, join(folder, file.name)).catch(() => undefined);
  const info = await until('import', { id, states: ['IMPORT_ERROR'] });
  expect(JSON.stringify(info.errors)).toMatch(/sample-disk1\.vmdk.*00000000/);
  expect(await call('GET', '/rest/vcenter/vm?filter.names.1=curl-wrong')).toEqual([]);
});
