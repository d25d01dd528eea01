import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { bytesOf, collect, sampleOva, samplePackage } from '@ovfkit/conformance';
import { request } from 'undici';
import { afterAll, describe, expect, test } from 'vitest';
import { createRestBackend } from '../src/index.ts';
import { startWholeService } from './support/whole-service.ts';

const sample = samplePackage({ name: 'small' });
const service = await startWholeService('operator');
const { url } = service;
const backend = await createRestBackend({ url, user: 'u', password: 'p' });
const repository = createServer((_, response) => response.end(sampleOva(sample)));
await new Promise<void>((resolve) => repository.listen(0, '127.0.0.1', resolve));
const address = repository.address();
const archive = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/small.ova`;
afterAll(async () => {
  await backend.close();
  await service.close();
  repository.close();
});

const basic = `Basic ${Buffer.from('u:p').toString('base64')}`;
const login = await request(`${url}/rest/com/vmware/cis/session`, {
  method: 'POST',
  headers: { authorization: basic },
});
const token = JSON.parse(await login.body.text()).value;

/** A request as the captured clients send it: the session's header, and JSON whether there is a body or not. */
async function call(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object) {
  const answer = await request(url + path, {
    method,
    headers: { 'vmware-api-session-id': token, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.body.text();
  return { status: answer.statusCode, text, json: text === '' ? undefined : JSON.parse(text) };
}

const content = '/rest/com/vmware/content';
const item = `${content}/library/item`;

/** The value of a call that succeeds. */
async function value(...given: Parameters<typeof call>) {
  const { status, text, json } = await call(...given);
  expect([given[1], status, text]).toEqual([given[1], 200, expect.anything()]);
  return json?.value;
}

const put = (uri: string, bytes: Uint8Array) =>
  request(uri, {
    method: 'PUT',
    headers: { 'vmware-api-session-id': token, 'content-type': 'application/octet-stream' },
    body: bytes,
  });

const newLibrary = () =>
  value('POST', `${content}/local-library`, {
    create_spec: {
      name: 'caplib',
      type: 'LOCAL',
      storage_backings: [{ datastore_id: 'datastore-12', type: 'DATASTORE' }],
    },
  });
const newItem = (library_id: string, name: string) =>
  value('POST', item, { create_spec: { library_id, name, type: 'ovf' } });
const newUpdate = (library_item_id: string) =>
  value('POST', `${item}/update-session`, { create_spec: { library_item_id } });

describe('a client written for vCenter', () => {
  test('pushes a package into a library and deploys it', async () => {
    const itemId = await newItem(await newLibrary(), 'cap-item');
    const session = await newUpdate(itemId);
    for (const { name, bytes } of [sample.descriptor, sample.disk]) {
      const checksum = createHash('sha256').update(bytes).digest('hex');
      const added = await value('POST', `${item}/updatesession/file/id:${session}?~action=add`, {
        file_spec: { name, source_type: 'PUSH', size: bytes.length, checksum_info: { algorithm: 'SHA256', checksum } },
      });
      expect(added).toMatchObject({
        name,
        source_type: 'PUSH',
        status: 'WAITING_FOR_TRANSFER',
        checksum_info: { algorithm: 'SHA256', checksum },
        upload_endpoint: { uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\//) },
      });
      const sent = await put(added.upload_endpoint.uri, bytes);
      expect([200, 201]).toContain(sent.statusCode);
    }
    const files = await value('GET', `${item}/updatesession/file?update_session_id=${session}`);
    expect(files.map((file: { status: string }) => file.status)).toEqual(['READY', 'READY']);
    const one = await value('POST', `${item}/updatesession/file/id:${session}?~action=get`, {
      file_name: sample.disk.name,
    });
    expect(one).toMatchObject({ name: sample.disk.name, bytes_transferred: sample.disk.bytes.length });
    const found = await value('POST', `${item}/updatesession/file/id:${session}?~action=validate`);
    expect(found).toEqual({ has_errors: false, missing_files: [], invalid_files: [] });
    expect((await call('POST', `${item}/update-session/id:${session}?~action=keep-alive`)).text).toBe('');
    expect((await call('POST', `${item}/update-session/id:${session}?~action=complete`)).text).toBe('');
    expect(await value('GET', `${item}/update-session/id:${session}`)).toMatchObject({
      id: session,
      library_item_id: itemId,
      state: 'DONE',
      expiration_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
    expect(await value('GET', `${item}/id:${itemId}`)).toMatchObject({
      id: itemId,
      name: 'cap-item',
      type: 'ovf',
      cached: true,
    });
    const kept = await value('GET', `${item}/file?library_item_id=${itemId}`);
    expect(kept).toMatchObject([
      { name: sample.descriptor.name, size: sample.descriptor.bytes.length, cached: true },
      { name: sample.disk.name, size: sample.disk.bytes.length, cached: true },
    ]);
    const stored = await value('GET', `${item}/storage?library_item_id=${itemId}`);
    expect(stored).toMatchObject([{ storage_backing: { type: 'DATASTORE' }, storage_uris: [expect.any(String)] }, {}]);
    const ovf = `/rest/com/vmware/vcenter/ovf/library-item/id:${itemId}`;
    const target = { resource_pool_id: 'resgroup-8' };
    expect(await value('POST', `${ovf}?~action=filter`, { target })).toMatchObject({ networks: ['VM Network'] });
    const [network] = await backend.inventory.network.list({});
    const deployment_spec = {
      name: 'cap-vm',
      accept_all_EULA: true,
      network_mappings: [{ key: 'VM Network', value: network?.network }],
      additional_parameters: [
        {
          '@class': 'com.vmware.vcenter.ovf.deployment_option_params',
          type: 'DeploymentOptionParams',
          selected_key: 'small',
        },
      ],
    };
    const made = await value('POST', `${ovf}?~action=deploy`, { target, deployment_spec });
    expect(made).toMatchObject({
      succeeded: true,
      resource_id: { type: 'VirtualMachine', id: expect.stringMatching(/^vm-/) },
    });
  });

  test('pulls an archive, after a probe of its source', async () => {
    const itemId = await newItem(await newLibrary(), 'cap-pull');
    const session = await newUpdate(itemId);
    const source_endpoint = { uri: archive };
    const probed = await value('POST', `${item}/updatesession/file?~action=probe`, { source_endpoint });
    expect(probed).toEqual({ status: 'SUCCESS' });
    const added = await value('POST', `${item}/updatesession/file/id:${session}?~action=add`, {
      file_spec: { name: 'small.ova', source_type: 'PULL', source_endpoint },
    });
    expect(added).toMatchObject({ name: 'small.ova', source_endpoint, source_type: 'PULL', status: 'TRANSFERRING' });
    await call('POST', `${item}/update-session/id:${session}?~action=complete`);
    await expect.poll(() => value('GET', `${item}/update-session/id:${session}`)).toMatchObject({ state: 'DONE' });
    const files = await value('GET', `${item}/file?library_item_id=${itemId}`);
    expect(files.map(({ name }: { name: string }) => name)).toEqual(['small.ovf', 'small.mf', 'small-disk1.vmdk']);
  });

  test('learns of a wrong checksum from the file and from the session', async () => {
    const itemId = await newItem(await newLibrary(), 'cap-pull-bad');
    const session = await newUpdate(itemId);
    await value('POST', `${item}/updatesession/file/id:${session}?~action=add`, {
      file_spec: {
        name: 'small.ova',
        source_type: 'PULL',
        checksum_info: { algorithm: 'SHA256', checksum: '00' },
        source_endpoint: { uri: archive },
      },
    });
    await call('POST', `${item}/update-session/id:${session}?~action=complete`);
    await expect.poll(() => value('GET', `${item}/update-session/id:${session}`)).toMatchObject({ state: 'ERROR' });
    const error_message = {
      default_message: expect.stringMatching(
        /^checksum mismatch: file=small.ova, alg=SHA256, actual=[0-9a-f]{64}, expected=00$/,
      ),
    };
    expect(await value('GET', `${item}/update-session/id:${session}`)).toMatchObject({ error_message });
    expect(await value('GET', `${item}/file?library_item_id=${itemId}`)).toEqual([]);
  });

  test('does the same in /api, without the marks and the wrappers', async () => {
    const library = (await call('POST', '/api/content/local-library', { create_spec: { name: 'new', type: 'LOCAL' } }))
      .json;
    const found = await call('POST', '/api/content/library?action=find', { spec: { name: 'NEW' } });
    expect(found.json).toEqual([library]);
    const made = await call('POST', '/api/content/library/item', {
      create_spec: { library_id: library, name: 'a', type: 'iso' },
    });
    expect([made.status, made.json]).toEqual([201, expect.any(String)]);
    expect((await call('GET', `/api/content/library/item?library_id=${library}`)).json).toEqual([made.json]);
    const changed = await call('PATCH', `/api/content/library/item/${made.json}`, {
      update_spec: { description: 'x' },
    });
    expect([changed.status, changed.text]).toEqual([204, '']);
    expect((await call('GET', `/api/content/library/item/${made.json}`)).json).toMatchObject({ description: 'x' });
    expect((await call('DELETE', `/api/content/local-library/${library}`)).status).toBe(204);
    expect((await call('GET', `/api/content/library/${library}`)).json).toMatchObject({ error_type: 'NOT_FOUND' });
  });
});

test('the client of this package sends, fetches and shares what the calls say', async () => {
  const { contentLibrary: own } = backend;
  expect(backend.features.contentLibrary).toBe(true);
  const libraryId = await own.localLibrary.create({ createSpec: { name: 'mine', type: 'LOCAL' } });
  const libraryItemId = await own.item.create({ createSpec: { libraryId, name: 'disk', type: 'file' } });
  const updateSessionId = await own.updateSession.create({ createSpec: { libraryItemId } });
  const { name, bytes } = sample.disk;
  const { uploadEndpoint } = await own.updateSessionFile.add({
    updateSessionId,
    fileSpec: { name, sourceType: 'PUSH' },
  });
  const file = { name, fileUrl: uploadEndpoint?.uri ?? '' };
  const upload = { kind: 'update', sessionId: updateSessionId, file, offset: 0, size: bytes.length } as const;
  expect(await backend.files.upload({ ...upload, bytes: bytesOf(bytes) })).toMatchObject({ isComplete: true });
  await own.updateSession.complete({ updateSessionId });
  const downloadSessionId = await own.downloadSession.create({ createSpec: { libraryItemId } });
  const { downloadEndpoint } = await own.downloadSessionFile.prepare({ downloadSessionId, fileName: name });
  const target = { name, fileUrl: downloadEndpoint?.uri ?? '' };
  const got = await backend.files.download({ kind: 'download', sessionId: downloadSessionId, file: target });
  expect(Buffer.from(await collect(got.bytes)).equals(bytes)).toBe(true);
  const other = await createRestBackend({ url, user: 'other', password: 'p' });
  await expect(other.contentLibrary.downloadSession.get({ downloadSessionId })).rejects.toMatchObject({
    kind: 'NOT_FOUND',
  });
  expect(await other.contentLibrary.item.get({ libraryItemId })).toMatchObject({ name: 'disk' });
  await other.close();
});
