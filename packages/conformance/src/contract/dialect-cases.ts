import type { ContractCase } from './contract-case.ts';
import { expectError, expectNothing, expectThat, kindOf, resultOf } from './exchange.ts';
import { field, isRecord, textOf } from './json.ts';
import { createImport, element, importInfo, importSpec, selecting, services, tryInstantiate } from './sessions.ts';

const section = '1.1';

/** Every character as an escape: `-` becomes `%2D`. */
const escaped = (id: string): string =>
  [...new TextEncoder().encode(id)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');

const answerCases: readonly ContractCase[] = [
  {
    id: 'dialect.rest.value',
    section,
    title: 'a success of /rest is {"value": …} in JSON, and nothing beside it',
    needs: [],
    async run(stage) {
      const asked = await stage.get(`${services.ovf}/export-flag`);
      expectThat(asked, {
        'the status is 200': asked.status === 200,
        'the content type is application/json': /^application\/json\b/.test(asked.headers['content-type'] ?? ''),
        'the one key is value': isRecord(asked.json) && Object.keys(asked.json).join() === 'value',
        'the value is a list': Array.isArray(field(asked.json, 'value')),
      });
    },
  },
  {
    id: 'dialect.rest.nothing',
    section,
    title: 'an operation of /rest without a result answers 200 with an empty body',
    needs: ['sessions'],
    async run(stage) {
      expectNothing(await stage.remove(element(services.import, await createImport(stage))));
    },
  },
  {
    id: 'dialect.api.value',
    section,
    title: 'a success of /api is the value itself',
    needs: ['api'],
    async run(stage) {
      const asked = await stage.get('/api/vcenter/ovf/export-flag');
      expectThat(asked, { 'the status is 200': asked.status === 200, 'the body is a list': Array.isArray(asked.json) });
    },
  },
  {
    id: 'dialect.api.sessions',
    section,
    title: 'sessions of /api are made with 201, read without a wrapper, and deleted with 204',
    needs: ['sessionsInApi'],
    async run(stage) {
      const base = '/api/vcenter/ovf/import-session';
      const { resourcePool, folder } = stage.place;
      const body = { folder, create_spec: importSpec() };
      const made = await stage.post(`${base}/${resourcePool}?action=create-for-resource-pool`, body);
      const id = textOf(made.json);
      stage.later(() => stage.remove(`${base}/${id}`));
      expectThat(made, { 'the status is 201': made.status === 201, 'the body is the id': id !== '' });
      const read = await stage.get(`${base}/${id}`);
      expectThat(read, { 'the Info is the body': read.status === 200 && textOf(field(read.json, 'state')) !== '' });
      const deleted = await stage.remove(`${base}/${id}`);
      expectThat(deleted, { '204 without a body': deleted.status === 204 && deleted.bytes.length === 0 });
      expectError(await stage.get(`${base}/${id}`), 'NOT_FOUND');
    },
  },
];

const addressCases: readonly ContractCase[] = [
  {
    id: 'dialect.path.escapes',
    section,
    title: 'an id in a path may be percent-encoded, every character of it',
    needs: ['sessions'],
    async run(stage) {
      const id = await createImport(stage);
      const asked = await stage.get(`${services.import}/id:${escaped(id)}`);
      expectThat(asked, {
        'it is the same session': textOf(field(resultOf(asked), 'state')) === 'IMPORT_OVF_TRANSFER',
      });
    },
  },
  {
    id: 'dialect.path.malformed',
    section,
    title: 'a malformed escape in a path is refused, and is no fault of the server',
    needs: ['sessions'],
    async run(stage) {
      const asked = await stage.get(`${services.import}/id:%zz`);
      expectThat(asked, { 'the status is 4xx': asked.status >= 400 && asked.status < 500 });
    },
  },
  {
    id: 'dialect.action.hyphens',
    section,
    title: 'an action of several words is written with hyphens',
    needs: ['sessions'],
    async run(stage) {
      const id = await selecting(stage, stage.newPackage());
      resultOf(await tryInstantiate(stage, id, []));
    },
  },
  {
    id: 'dialect.action.unknown',
    section,
    title: 'an unknown action is an unknown operation',
    needs: ['sessions'],
    async run(stage) {
      const id = await createImport(stage);
      expectError(await stage.post(element(services.import, id, 'explode'), {}), 'OPERATION_NOT_FOUND');
    },
  },
  {
    id: 'dialect.method.unknown',
    section,
    title: 'a method that no operation of a path has is an unknown operation',
    needs: ['sessions'],
    async run(stage) {
      const asked = await stage.call({ method: 'PUT', path: services.import, json: {} });
      const isKnownForm = asked.status === 405 || kindOf(asked) === 'OPERATION_NOT_FOUND';
      expectThat(asked, { '404 operation_not_found, or 405': isKnownForm });
    },
  },
];

const bodyCases: readonly ContractCase[] = [
  {
    id: 'dialect.body.unknown-fields',
    section,
    title: 'unknown fields of a body are ignored, at every depth',
    needs: ['sessions'],
    async run(stage) {
      const id = await createImport(stage, importSpec({ a_field_of_tomorrow: { deep: [1] } }));
      const { state } = await importInfo(stage, id);
      const path = `${services.import}?~action=preview`;
      const asked = await stage.post(path, { ovf_descriptor: previewed, a_field_of_tomorrow: 1 });
      resultOf(asked);
      expectThat(asked, { 'the session is as if they were not there': state === 'IMPORT_OVF_TRANSFER' });
    },
  },
  {
    id: 'dialect.body.null',
    section,
    title: 'null for an optional field counts as its absence',
    needs: ['sessions'],
    async run(stage) {
      const spec = importSpec({ locale: null, pull_source: null, content_library_item: null });
      await importInfo(stage, await createImport(stage, spec));
    },
  },
  {
    id: 'dialect.body.no-json',
    section,
    title: 'a body that is no JSON is a bad request',
    needs: ['sessions'],
    async run(stage) {
      const path = `${services.import}?~action=preview`;
      const headers = { 'content-type': 'application/json', 'vmware-api-session-id': stage.token };
      const asked = await stage.call({ method: 'POST', path, body: '{"ovf_descriptor": ', headers });
      expectError(asked, 'INVALID_REQUEST', 'INVALID_ARGUMENT');
    },
  },
  {
    id: 'dialect.body.no-object',
    section,
    title: 'a body that is no object is a bad request',
    needs: ['sessions'],
    async run(stage) {
      const path = `${services.import}?~action=preview`;
      expectError(await stage.post(path, [1, 2]), 'INVALID_REQUEST', 'INVALID_ARGUMENT', 'UNEXPECTED_INPUT');
    },
  },
  {
    id: 'dialect.body.wrong-type',
    section,
    title: 'a field of the wrong type is an invalid argument',
    needs: ['sessions'],
    async run(stage) {
      const path = `${services.import}?~action=preview`;
      expectError(await stage.post(path, { ovf_descriptor: 7 }), 'INVALID_ARGUMENT', 'INVALID_REQUEST');
    },
  },
];

const previewed = `<?xml version="1.0"?><Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"><References/>
  <VirtualSystem ovf:id="a"><Info>A</Info></VirtualSystem></Envelope>`;

/** Section 1.1: dialects, paths, bodies. */
export const dialectCases: readonly ContractCase[] = [...answerCases, ...addressCases, ...bodyCases];
