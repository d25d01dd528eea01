import {
  type Dialect,
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  pathOf,
  type Route,
  routeMatcher,
  routes,
} from '@ovfkit/domain/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arbitraryOf } from '../support/arbitrary.ts';

const dialects: readonly Dialect[] = ['rest', 'api'];
const match = routeMatcher(routes);
const sent = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

/** Whatever a server might call its things, but what a URL has no segment for. */
const id = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1 }),
    fc.string({ unit: 'binary', minLength: 1 }),
    fc.constantFrom(
      'a/b',
      '%',
      '%2F',
      'id:x',
      'a b',
      'ü',
      '?action=x',
      '#',
      '...',
      '__proto__',
      'a;b=c',
      '+',
      '\\',
      '@',
    ),
  )
  .filter((text) => !['.', '..'].includes(text));

const nameOf = ({ service, operation, method, path }: Route<unknown, unknown>) =>
  `${method} ${path} (${service}.${operation})`;

describe.each(routes.map((route) => [nameOf(route), route] as const))('%s', (_, route) => {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map((found) => String(found[1]));
  const input = fc
    .tuple(
      arbitraryOf(route.input, { unknownFields: route.fieldsIn === 'body' ? 'some' : 'none', depth: 4 }),
      fc.record(Object.fromEntries(inPath.map((field) => [field, id]))),
    )
    .map(([fields, ids]): object => ({ ...Object(fields), ...ids }));

  test.each(dialects)('a request in %s finds its way and brings its input', (dialect) => {
    const arrives = fc.property(input, (value) => {
      const { method, path, body } = encodeRequest(route, value, dialect);
      const url = new URL(path, 'https://vc.example.com');
      const found = match(method, url);
      expect(found?.route).toBe(route);
      expect(found?.dialect).toBe(dialect);
      const parts = { pathValues: found?.pathValues ?? new Map(), query: url.searchParams, body: sent(body) };
      expect(decodeRequest(route, parts, dialect)).toStrictEqual(value);
    });
    fc.assert(arrives, { numRuns: 25 });
  });

  test('has a path of its own in each dialect', () => {
    expect(pathOf(route, 'rest')).toMatch(/^\/rest\//);
    expect(pathOf(route, 'api')).toMatch(/^\/api\//);
    expect(pathOf(route, 'api')).not.toMatch(/com\/vmware|id:/);
  });
});

const withResult = routes.flatMap((route) =>
  route.output === undefined ? [] : [[nameOf(route), route, route.output] as const],
);

describe.each(withResult)('%s', (_, route, output) => {
  test.each(dialects)('a result in %s is read as it was given', (dialect) => {
    const arrives = fc.property(arbitraryOf(output, { unknownFields: 'some', depth: 4 }), (value) => {
      const { status, body } = encodeResponse(route, value, dialect);
      expect(decodeResponse(route, { status, body: sent(body) }, dialect)).toStrictEqual(value);
    });
    fc.assert(arrives, { numRuns: 20 });
  });
});

test('any method and path gives a route or nothing', () => {
  const total = fc.property(
    fc.constantFrom('GET', 'POST', 'DELETE', 'PUT'),
    fc.webPath(),
    fc.string(),
    (method, path, query) => {
      const url = new URL('https://vc.example.com');
      url.pathname = path;
      url.search = query;
      expect(() => match(method, url)).not.toThrow();
    },
  );
  fc.assert(total, { numRuns: 300 });
});
