import type { ContractCase } from './contract-case.ts';
import { type Exchange, expectError, expectThat } from './exchange.ts';
import { field, isRecord, listOf } from './json.ts';
import { element, services, unknownId } from './sessions.ts';

/** Whether a value is a LocalizableMessage (section 7.11). */
export const isMessage = (value: unknown): boolean =>
  ['id', 'default_message'].every((name) => typeof field(value, name) === 'string') &&
  Array.isArray(field(value, 'args')) &&
  listOf(field(value, 'args')).every((each) => typeof each === 'string');

function expectMessages(refused: Exchange, error: unknown): void {
  const messages = field(error, 'messages');
  expectThat(refused, {
    'messages is a list': Array.isArray(messages),
    'each message has id, default_message and args': listOf(messages).every(isMessage),
    'the first message says something to a person': field(listOf(messages)[0], 'default_message') !== '',
  });
}

/** Sections 1.4 and 1.5: the envelope of errors, and those that any operation may raise. */
export const errorCases: readonly ContractCase[] = [
  {
    id: 'error.rest.envelope',
    section: '1.4',
    title: 'an error of /rest is {"type", "value"}, the value with messages and error_type',
    needs: ['sessions'],
    async run(stage) {
      const refused = await stage.get(element(services.import, unknownId));
      const value = field(refused.json, 'value');
      expectThat(refused, {
        'the keys are type and value':
          isRecord(refused.json) && Object.keys(refused.json).sort().join() === 'type,value',
        'type is com.vmware.vapi.std.errors.not_found':
          field(refused.json, 'type') === 'com.vmware.vapi.std.errors.not_found',
        'error_type is NOT_FOUND': field(value, 'error_type') === 'NOT_FOUND',
      });
      expectMessages(refused, value);
    },
  },
  {
    id: 'error.api.envelope',
    section: '1.4',
    title: 'an error of /api has error_type and messages at its top',
    needs: ['api'],
    async run(stage) {
      const refused = await stage.get('/api/vcenter/ovf/import-flag?rp=resgroup-of-nobody');
      expectThat(refused, {
        'error_type is NOT_FOUND': field(refused.json, 'error_type') === 'NOT_FOUND',
        'there is no value around it': field(refused.json, 'value') === undefined,
      });
      expectMessages(refused, refused.json);
    },
  },
  {
    id: 'error.json',
    section: '1.4',
    title: 'an error is JSON, also for a path that nothing is served at',
    needs: [],
    async run(stage) {
      const refused = await stage.get('/rest/com/vmware/vcenter/ovf/there-is-nothing');
      expectThat(refused, {
        'the content type is application/json': /^application\/json\b/.test(refused.headers['content-type'] ?? ''),
      });
      expectMessages(refused, field(refused.json, 'value'));
    },
  },
  {
    id: 'error.service.unknown',
    section: '1.5',
    title: 'a service that does not exist is operation_not_found in either dialect',
    needs: [],
    async run(stage) {
      expectError(await stage.get('/rest/com/vmware/vcenter/ovf/there-is-nothing'), 'OPERATION_NOT_FOUND');
    },
  },
  {
    id: 'error.service.unknown-api',
    section: '1.5',
    title: 'a service that does not exist is operation_not_found in /api, in the form of /api',
    needs: ['api'],
    async run(stage) {
      const refused = await stage.get('/api/vcenter/ovf/there-is-nothing');
      expectError(refused, 'OPERATION_NOT_FOUND');
      expectThat(refused, { 'error_type is at the top': field(refused.json, 'error_type') === 'OPERATION_NOT_FOUND' });
    },
  },
  {
    id: 'error.unauthenticated',
    section: '1.5',
    title: 'unauthenticated has the status 401 and its envelope in both dialects',
    needs: ['api'],
    async run(stage) {
      const ask = (path: string) => stage.call({ method: 'GET', path, headers: {} });
      expectError(await ask('/rest/com/vmware/vcenter/ovf/export-flag'), 'UNAUTHENTICATED');
      expectError(await ask('/api/vcenter/ovf/export-flag'), 'UNAUTHENTICATED');
    },
  },
];
