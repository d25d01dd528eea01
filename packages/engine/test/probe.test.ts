import { samplePackage } from '@ovfkit/conformance';
import { findParams, type PullSource, SessionError } from '@ovfkit/domain';
import { expect, test } from 'vitest';
import { admin, startEngine } from './support/engine.ts';
import { serveFiles } from './support/file-server.ts';
import { httpPullSource } from './support/http-pull-source.ts';
import { noPull } from './support/pull-source.ts';

const { descriptor } = samplePackage({ name: 'probed' });

test('a probe session of a pull source reads its descriptor and nothing else', async () => {
  const server = await serveFiles([['probed.ovf', descriptor.bytes]]);
  const { engine, store } = await startEngine({ pull: httpPullSource });
  const { probeImportSession } = engine.backendFor(admin);
  const createSpec = { importFlags: [], sourceType: 'PULL_SOURCE', pullSource: `${server.url}/probed.ovf` };
  const id = await probeImportSession.createProbeImportSession({ createSpec });
  await expect.poll(async () => (await probeImportSession.get({ id })).state).toBe('PROBE_IMPORT_SELECTING_OVF_PARAMS');
  const { parameters } = await probeImportSession.tryInstantiate({ id, instantiationParameters: [] });
  expect(findParams(parameters, 'NameAndProductParams')?.name).toBe('probed');
  expect(server.seen.map(({ path }) => path)).not.toContain('probed-disk1.vmdk');
  await probeImportSession.delete({ id });
  const keys: string[] = [];
  for await (const key of store.blobs.keys('')) keys.push(key);
  expect(keys).toEqual([]);
});

test('a source that answers is a success, with the thumbprint it shows', async () => {
  const server = await serveFiles([['probed.ovf', descriptor.bytes]]);
  const pull: PullSource = { ...httpPullSource, thumbprint: async () => 'AA:BB' };
  const { engine } = await startEngine({ pull });
  const result = await engine.backendFor(admin).importSession.probe({ uri: `${server.url}/probed.ovf` });
  expect(result).toEqual({ status: 'SUCCESS', sslThumbprint: 'AA:BB' });
});

const unknownHost = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
const failures: readonly (readonly [string, SessionError])[] = [
  ['INVALID_URL', new SessionError('INVALID_ARGUMENT', 'Not a URL.')],
  ['TIMED_OUT', new SessionError('TIMED_OUT', 'Too slow.')],
  ['HOST_NOT_FOUND', new SessionError('RESOURCE_INACCESSIBLE', 'No such host.', { cause: unknownHost })],
  ['CERTIFICATE_ERROR', new SessionError('UNVERIFIED_PEER', 'Not trusted.')],
  ['UNKNOWN_ERROR', new SessionError('RESOURCE_INACCESSIBLE', 'It answered 500.')],
];

for (const [status, error] of failures)
  test(`a source that fails with ${error.kind} (${error.message}) is a ${status}`, async () => {
    const pull: PullSource = {
      ...noPull,
      open: async () => {
        throw error;
      },
    };
    const { engine } = await startEngine({ pull });
    const result = await engine.backendFor(admin).importSession.probe({ uri: 'https://repo.example/app.ovf' });
    expect(result.status).toBe(status);
    expect(result.errorMessages?.[0]?.defaultMessage).toBe(error.message);
  });
