import { type ErrorKind, errorKinds, message, SessionError } from '@ovfkit/domain';
import { type Dialect, decodeError, encodeError, isBodyless } from '@ovfkit/domain/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LocalizableMessage } from '../../src/localizable-message.ts';
import { arbitraryOf } from '../support/arbitrary.ts';

const dialects: readonly Dialect[] = ['rest', 'api'];
const kinds = Object.entries(errorKinds).map(([kind, { status }]) => [kind, status] as const);
const sent = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe.each(kinds)('%s', (name, status) => {
  // the one cast: Object.entries forgets the keys' type
  const kind = name as ErrorKind;

  test.each(dialects)('arrives over %s with its text, its messages and its data', (dialect) => {
    const messages = [message('a.b', 'Disk {0} is gone.', 'disk1'), message('a.c', 'Because.')];
    const error = new SessionError(kind, 'Disk disk1 is gone.: Because.', {
      messages,
      data: { '@class': 'com.vmware.vapi.std.errors.argument_locations', primary: 'x' },
      challenge: 'Basic realm="vc"',
    });
    const answer = encodeError(error, dialect);
    expect(answer.status).toBe(status);
    const read = decodeError(answer.status, sent(answer.body));
    const { data, challenge, message: text } = read;
    expect({ kind: read.kind, text, messages: read.messages, data, challenge }).toEqual({
      kind,
      text: error.message,
      messages,
      data: error.data,
      challenge: error.challenge,
    });
    expect(isBodyless(read)).toBe(false);
  });

  test('is said by the suffix of type alone, as servers before 6.7.2 do', () => {
    const body = { type: `com.vmware.vapi.std.errors.${kind.toLowerCase()}`, value: { messages: [] } };
    expect(decodeError(418, body).kind).toBe(kind);
  });
});

test('any messages and data survive both dialects', () => {
  const survives = fc.property(
    fc.array(
      arbitraryOf(LocalizableMessage).map((each) => LocalizableMessage.parse(each)),
      { maxLength: 3 },
    ),
    fc.jsonValue().filter((data) => data !== null),
    fc.constantFrom(...dialects),
    (messages, data, dialect) => {
      const error = new SessionError('RESOURCE_BUSY', 'x', { messages, data });
      const { status, body } = encodeError(error, dialect);
      const read = decodeError(status, sent(body));
      expect(read.messages).toStrictEqual(error.messages);
      expect(read.data).toStrictEqual(sent(data));
    },
  );
  fc.assert(survives, { numRuns: 100 });
});

test('the body decides before the status, and error_type before the suffix of type', () => {
  const value = { messages: [], error_type: 'RESOURCE_BUSY' };
  expect(decodeError(404, { type: 'com.vmware.vapi.std.errors.not_found', value }).kind).toBe('RESOURCE_BUSY');
  expect(decodeError(500, { error_type: 'NOT_FOUND', messages: [] }).kind).toBe('NOT_FOUND');
  expect(decodeError(400, { error_type: 'TIMED_OUT', value: { messages: [] } }).kind).toBe('TIMED_OUT');
});

test('a type of the server that we do not know falls back to the suffix, then to the status, and keeps its messages', () => {
  const value = { error_type: 'QUOTA_EXCEEDED', messages: [{ id: 'q', default_message: 'Too much.', args: [] }] };
  expect(decodeError(400, { type: 'com.vmware.vapi.std.errors.unsupported', value })).toMatchObject({
    kind: 'UNSUPPORTED',
    message: 'Too much.',
  });
  const read = decodeError(404, { type: 'com.example.quota_exceeded', value });
  expect(read).toMatchObject({ kind: 'NOT_FOUND', message: 'Too much.' });
  expect(isBodyless(read)).toBe(false);
});

// Section 1.5 of the contract, last paragraph.
test.each([
  [400, 'INVALID_REQUEST'],
  [401, 'UNAUTHENTICATED'],
  [403, 'UNAUTHORIZED'],
  [404, 'NOT_FOUND'],
  [408, 'TIMED_OUT'],
  [409, 'CONCURRENT_CHANGE'],
  [410, 'NOT_FOUND'],
  [423, 'RESOURCE_BUSY'],
  [429, 'SERVICE_UNAVAILABLE'],
  [500, 'INTERNAL_SERVER_ERROR'],
  [503, 'SERVICE_UNAVAILABLE'],
  [504, 'TIMED_OUT'],
  [507, 'UNABLE_TO_ALLOCATE_RESOURCE'],
  [418, 'INVALID_REQUEST'],
  [502, 'SERVICE_UNAVAILABLE'],
] as const)('an answer %i without a usable body is %s', (status, kind) => {
  for (const body of [undefined, null, '', '<html>', [], {}, { value: null }, { value: {} }, { type: 5 }]) {
    const error = decodeError(status, body);
    expect(error.kind).toBe(kind);
    expect(error.message).toContain(String(status));
    expect(isBodyless(error)).toBe(true);
  }
});

test('an error without a body is one with a body after a gateway has passed it on', () => {
  const { status, body } = encodeError(decodeError(404, '<html>'), 'rest');
  expect(isBodyless(decodeError(status, sent(body)))).toBe(false);
});

test('messages of an unknown shape are kept as text', () => {
  const error = decodeError(500, {
    error_type: 'TIMED_OUT',
    messages: ['plain', { default_message: 'half' }, { x: 1 }],
  });
  expect(error).toMatchObject({ kind: 'TIMED_OUT', message: 'plain: half: {"x":1}' });
});

test('whatever the body is, an error comes out of it', () => {
  const total = fc.property(fc.integer({ min: 400, max: 599 }), fc.jsonValue(), (status, body) => {
    expect(decodeError(status, body)).toBeInstanceOf(SessionError);
  });
  fc.assert(total, { numRuns: 300 });
});
