import {
  actionIn,
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  operationRoutes,
  operations,
  pathOf,
  routeMatcher,
  routes,
} from '@ovfkit/domain/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arbitraryOf } from '../support/arbitrary.ts';
import { createEcho } from '../support/echo-backend.ts';

const { importSession, exportFlag, importFlag, vm, host, libraryItem } = operationRoutes;
const match = routeMatcher(routes);
const find = (method: string, path: string) => match(method, new URL(path, 'https://vc.example.com'));
const refused = (kind: string) => expect.objectContaining({ name: 'SessionError', kind });

test('a list that is null is an empty one, and nothing else may be null', () => {
  const answer = { status: 200, body: { value: null } };
  expect(decodeResponse(operationRoutes.library.list, answer, 'rest')).toEqual([]);
  expect(() => decodeResponse(operationRoutes.library.get, answer, 'rest')).toThrow(refused('INTERNAL_SERVER_ERROR'));
});

describe('a request', () => {
  test('in /rest has id: before its ids and ~action, in /api neither', () => {
    const input = { id: '52d1', percent: 40 };
    const path = '/rest/com/vmware/vcenter/ovf/import-session/id:52d1?~action=progress';
    expect(encodeRequest(importSession.progress, input, 'rest')).toEqual({
      method: 'POST',
      path,
      body: { percent: 40 },
    });
    expect(encodeRequest(importSession.progress, input, 'api')).toEqual({
      method: 'POST',
      path: '/api/vcenter/ovf/import-session/52d1?action=progress',
      body: { percent: 40 },
    });
  });

  test('without fields has no body', () => {
    expect(encodeRequest(exportFlag.list, {}, 'rest').body).toBeUndefined();
    expect(encodeRequest(importSession.delete, { id: 'a' }, 'rest').body).toBeUndefined();
  });

  test('encodes ids, but not the mark before them', () => {
    expect(encodeRequest(importSession.get, { id: 'a/b c:%ü' }, 'rest').path).toBe(
      '/rest/com/vmware/vcenter/ovf/import-session/id:a%2Fb%20c%3A%25%C3%BC',
    );
  });

  test.each(['', '.', '..'])('for the id %j is refused: a URL would name something else', (id) => {
    for (const dialect of ['rest', 'api'] as const)
      expect(() => encodeRequest(vm.get, { vm: id }, dialect)).toThrow(refused('INVALID_ARGUMENT'));
  });

  test('writes filters as /rest numbers them and as /api repeats them', () => {
    const filter = { names: ['a b', 'c&d'], standalone: true };
    expect(encodeRequest(host.list, filter, 'rest').path).toBe(
      '/rest/vcenter/host?filter.names.1=a%20b&filter.names.2=c%26d&filter.standalone=true',
    );
    expect(encodeRequest(host.list, filter, 'api').path).toBe(
      '/api/vcenter/host?names=a%20b&names=c%26d&standalone=true',
    );
    expect(encodeRequest(importFlag.list, { rp: 'resgroup-8' }, 'rest').path).toBe(
      '/rest/com/vmware/vcenter/ovf/import-flag?rp=resgroup-8',
    );
  });

  test('reads every spelling of a filter in either dialect', () => {
    for (const query of ['filter.names.1=a&filter.names.2=b', 'filter.names=a&filter.names=b', 'names=a&names=b'])
      for (const dialect of ['rest', 'api'] as const) {
        const parts = { pathValues: new Map(), query: new URLSearchParams(query), body: undefined };
        expect(decodeRequest(host.list, parts, dialect)).toEqual({ names: ['a', 'b'] });
      }
  });

  test.each(['filter.colours.1=red', 'nmaes=a', 'filter=x'])('refuses the filter %s, which nobody has', (query) => {
    const parts = { pathValues: new Map(), query: new URLSearchParams(query), body: undefined };
    for (const dialect of ['rest', 'api'] as const)
      expect(() => decodeRequest(host.list, parts, dialect)).toThrow(refused('UNEXPECTED_INPUT'));
  });

  test('refuses a value of a filter that is not one of its enumeration', () => {
    const query = new URLSearchParams('filter.power_states.1=POWERED_UP');
    const parts = { pathValues: new Map(), query, body: undefined };
    expect(() => decodeRequest(vm.list, parts, 'rest')).toThrow(refused('INVALID_ARGUMENT'));
  });

  test('refuses a truth value that is neither true nor false', () => {
    const parts = { pathValues: new Map(), query: new URLSearchParams('filter.standalone=yes'), body: undefined };
    expect(() => decodeRequest(host.list, parts, 'rest')).toThrow(refused('INVALID_ARGUMENT'));
  });

  test.each([[[]], ['text'], [5]])('with the body %j is refused', (body) => {
    const parts = { pathValues: new Map([['id', 'a']]), query: new URLSearchParams(), body };
    expect(() => decodeRequest(importSession.progress, parts, 'rest')).toThrow(refused('INVALID_ARGUMENT'));
  });

  test('takes the token of a call from the query, and from the body before it', () => {
    const query = new URLSearchParams('client_token=query');
    const { create } = operationRoutes.item;
    const tokenIn = (body: object) =>
      decodeRequest(create, { pathValues: new Map(), query, body: { create_spec: {}, ...body } }, 'api');
    expect(tokenIn({})).toEqual({ clientToken: 'query', createSpec: {} });
    expect(tokenIn({ client_token: 'body' })).toEqual({ clientToken: 'body', createSpec: {} });
    const parts = { pathValues: new Map([['id', 'a']]), query, body: { percent: 1 } };
    expect(decodeRequest(importSession.progress, parts, 'api')).toEqual({ id: 'a', percent: 1 });
  });

  test('takes an id from the path, whatever the body says', () => {
    const parts = {
      pathValues: new Map([['id', 'mine']]),
      query: new URLSearchParams(),
      body: { id: 'yours', percent: 1 },
    };
    expect(decodeRequest(importSession.progress, parts, 'rest')).toEqual({ id: 'mine', percent: 1 });
  });
});

describe('an answer', () => {
  test('is wrapped in /rest and bare in /api, where a creation is 201 and nothing is 204', () => {
    const { createForResourcePool, progress } = importSession;
    expect(encodeResponse(createForResourcePool, '52d1', 'rest')).toEqual({ status: 200, body: { value: '52d1' } });
    expect(encodeResponse(createForResourcePool, '52d1', 'api')).toEqual({ status: 201, body: '52d1' });
    expect(encodeResponse(progress, undefined, 'rest')).toEqual({ status: 200, body: undefined });
    expect(encodeResponse(progress, undefined, 'api')).toEqual({ status: 204, body: undefined });
  });

  test('that is an error is thrown as one', () => {
    const body = { error_type: 'NOT_FOUND', messages: [] };
    expect(() => decodeResponse(importSession.get, { status: 404, body }, 'api')).toThrow(refused('NOT_FOUND'));
  });

  test('that is a success nobody can read is an error of the server', () => {
    for (const body of [undefined, null, '<html>', { value: 5 }, { value: { state: 1 } }])
      expect(() => decodeResponse(importSession.get, { status: 200, body }, 'rest')).toThrow(
        refused('INTERNAL_SERVER_ERROR'),
      );
  });
});

describe('the matcher', () => {
  test('understands an action in both spellings, and with underscores', () => {
    for (const path of [
      '/rest/com/vmware/vcenter/ovf/import-session/id:a?~action=try-instantiate',
      '/rest/com/vmware/vcenter/ovf/import-session/id:a?~action=try_instantiate',
      '/rest/com/vmware/vcenter/ovf/import-session/id:a?%7Eaction=try-instantiate',
      '/api/vcenter/ovf/import-session/a?action=try-instantiate',
      '/api/vcenter/ovf/import-session/a?~action=try-instantiate',
    ])
      expect(find('POST', path)?.route).toBe(importSession.tryInstantiate);
  });

  test.each([
    ['GET', '/rest/com/vmware/vcenter/ovf/import-session/id:a?~action=progress'],
    ['POST', '/rest/com/vmware/vcenter/ovf/import-session/id:a'],
    ['POST', '/rest/com/vmware/vcenter/ovf/import-session/id:a?~action=fly'],
    ['PUT', '/rest/com/vmware/vcenter/ovf/import-session/id:a'],
    ['GET', '/rest/com/vmware/vcenter/ovf/import-session/id:a/b'],
    ['GET', '/rest/com/vmware/vcenter/ovf/import-session/a'],
    ['GET', '/rest/com/vmware/vcenter/ovf/import-session/id:%'],
    ['GET', '/REST/com/vmware/vcenter/ovf/export-flag'],
    ['GET', '/'],
  ])('knows nothing of %s %s', (method, path) => {
    expect(find(method, path)).toBeUndefined();
  });

  test('tells routes of one path apart by method and action', () => {
    expect(find('GET', '/rest/com/vmware/vcenter/ovf/import-session')?.route).toBe(importSession.list);
    expect(find('POST', '/rest/com/vmware/vcenter/ovf/import-session?~action=probe')?.route).toBe(importSession.probe);
  });

  test('no two routes share method, path and action in one dialect', () => {
    for (const dialect of ['rest', 'api'] as const) {
      const all = routes.map(
        (route) => `${route.method} ${pathOf(route, dialect).replaceAll(/\{\w+\}/g, '{}')} ${actionIn(route, dialect)}`,
      );
      expect(new Set(all).size).toBe(all.length);
    }
  });
});

describe('an operation', () => {
  test.each(operations.map((each) => [`${each.service}.${each.operation}`, each] as const))(
    '%s calls the method of the backend that has its name, with the input and the options',
    async (name, each) => {
      const { backend, calls } = createEcho();
      const [input] = fc.sample(arbitraryOf(each.input, { unknownFields: 'none', depth: 2 }), { numRuns: 1, seed: 1 });
      const options = { locale: 'de' };
      await each.call(backend, input, options);
      const method = camel(name);
      expect(calls).toEqual([
        { method: expect.stringMatching(new RegExp(`^((inventory|contentLibrary)[.])?${method}$`)), input, options },
      ]);
    },
  );

  test('refuses an input that does not fit before the backend is called', async () => {
    const { backend, calls } = createEcho();
    await expect(libraryItem.deploy.call(backend, { ovfLibraryItemId: 5 }, {})).rejects.toThrow(
      refused('INVALID_ARGUMENT'),
    );
    expect(calls).toEqual([]);
  });
});

const camel = (name: string): string => name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

test('without the mark before ids a path of its own is not taken for an id', () => {
  const { library, item, itemFile, updateSession } = operationRoutes;
  expect(find('GET', '/api/content/library/item?library_id=a')?.route).toBe(item.list);
  expect(find('GET', '/api/content/library/item/file?library_item_id=a')?.route).toBe(itemFile.list);
  expect(find('GET', '/api/content/library/item/update-session')?.route).toBe(updateSession.list);
  expect(find('GET', '/api/content/library/a')?.route).toBe(library.get);
  expect(find('GET', '/api/content/library/item/a')?.route).toBe(item.get);
});

test.each([
  ['rest', '/rest/vcenter/vm/vm-1/power/start'],
  ['api', '/api/vcenter/vm/vm-1/power?action=start'],
] as const)('in %s the power of a machine is changed by %s, and it is found there only', (dialect, path) => {
  const { start } = operationRoutes.power;
  expect(encodeRequest(start, { vm: 'vm-1' }, dialect)).toEqual({ method: 'POST', path, body: undefined });
  expect(find('POST', path)).toMatchObject({ route: start, dialect });
  const other = dialect === 'rest' ? path.replace('/rest/', '/api/') : path.replace('/api/', '/rest/');
  expect(find('POST', other)).toBeUndefined();
});

test('in /api a spec of the content library may be the whole body, in /rest it may not', () => {
  const { create } = operationRoutes.item;
  const spec = { library_id: 'library-1', name: 'app', type: 'ovf' };
  const query = new URLSearchParams('client_token=5a1b8f9e-6a0b-4d0f-a6c9-0d9d2f4a1c11');
  const read = (body: object, dialect: 'rest' | 'api') =>
    decodeRequest(create, { pathValues: new Map(), query, body }, dialect);
  expect(read(spec, 'api')).toEqual(read({ create_spec: spec }, 'api'));
  expect(read(spec, 'api')).toMatchObject({ createSpec: { libraryId: 'library-1', name: 'app' } });
  expect(() => read(spec, 'rest')).toThrow('create_spec');
});
