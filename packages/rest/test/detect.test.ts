import { expect, test } from 'vitest';
import { detectSessionApi } from '../src/index.ts';
import { connect } from './support/backend.ts';
import { answer, type Handle, serve, vapiError } from './support/http-server.ts';
import { importPath } from './support/vcenter.ts';

const login: Handle = (request, response) =>
  answer(response, request.method === 'DELETE' ? {} : { body: { value: 't' } });

/** A server whose session API gives one and the same answer to everything. */
const answering =
  (status: number, body?: unknown): Handle =>
  (request, response) =>
    request.url?.startsWith('/rest/com/vmware/cis/') ? login(request, response) : answer(response, { status, body });

const table: readonly (readonly [number, unknown, string])[] = [
  [200, { value: { files: [], errors: [], warnings: [], information: [] } }, 'present'],
  [400, vapiError('INVALID_ARGUMENT'), 'present'],
  [403, vapiError('UNAUTHORIZED'), 'forbidden'],
  [404, vapiError('OPERATION_NOT_FOUND'), 'missing'],
  [404, undefined, 'missing'],
  [404, vapiError('NOT_FOUND'), 'missing'],
  [400, vapiError('OPERATION_NOT_FOUND'), 'missing'],
  [405, undefined, 'missing'],
  [501, undefined, 'missing'],
  [503, vapiError('SERVICE_UNAVAILABLE'), 'unknown'],
];

test.each(table)('an answer %i %j to preview means that the API is %s', async (status, body, expected) => {
  const { url } = await serve(answering(status, body));
  const backend = await connect(url, { attempts: 1 });
  expect(backend.about.sessionApi).toBe(expected);
  expect(await detectSessionApi(backend)).toBe(expected);
});

test('an import into a server without the API is refused with the reason and a next step', async () => {
  const { url } = await serve(answering(404));
  const backend = await connect(url);
  await expect(
    backend.importSession.createForResourcePool({ resourcePool: 'p', createSpec: { sourceType: 'PUSH_SOURCE' } }),
  ).rejects.toMatchObject({
    kind: 'OPERATION_NOT_FOUND',
    message: expect.stringMatching(/no OVF session API.*content library/s),
  });
});

test('a 404 with a vAPI error on create is a missing pool, not a missing API', async () => {
  const { url } = await serve(answering(404, vapiError('NOT_FOUND', 'no pool p')));
  const backend = await connect(url);
  await expect(
    backend.importSession.createForResourcePool({ resourcePool: 'p', createSpec: { sourceType: 'PUSH_SOURCE' } }),
  ).rejects.toMatchObject({ kind: 'NOT_FOUND', message: 'no pool p' });
});

test('a bare 404 on the id of a session is its end, not a missing API', async () => {
  const { url } = await serve(answering(404));
  const backend = await connect(url);
  await expect(backend.importSession.get({ id: 'gone' })).rejects.toMatchObject({ kind: 'NOT_FOUND' });
});

test('additions of ovfkitd are found out once and refused as UNSUPPORTED elsewhere', async () => {
  const server = await serve(answering(404));
  const backend = await connect(server.url);
  expect(backend.features).toMatchObject({
    sessionList: false,
    vappList: false,
    hardwareVersions: false,
    templates: false,
    resumableUpload: false,
    contentLibrary: false,
  });
  await expect(backend.importSession.list({})).rejects.toMatchObject({ kind: 'UNSUPPORTED' });
  expect(server.seen.filter((each) => each === `GET ${importPath}`)).toHaveLength(2);
});
