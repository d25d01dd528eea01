import { expect, test } from 'vitest';
import { collectionsAround, collectionsIn, EntityChild, type EntityCollection } from '../src/index.ts';

const collection = (id: string, children: EntityChild[] = []): { collection: EntityCollection } => ({
  collection: { id, products: [], eulas: [], children },
});

const caches = collection('caches', [{ systemId: 'cache' }]);
const children = [
  { systemId: 'front' },
  collection('data', [{ systemId: 'db' }, caches, collection('spare')]),
  collection('logs', [{ systemId: 'log' }]),
];

const idsOf = (found: readonly EntityCollection[]) => found.map(({ id }) => id);

test('the vApps inside an entity are found at every depth, outer ones first', () => {
  expect(idsOf(collectionsIn({ children }))).toEqual(['data', 'caches', 'spare', 'logs']);
  expect(collectionsIn({})).toEqual([]);
});

test('around a machine are the vApps that it is in, innermost first', () => {
  expect(idsOf(collectionsAround({ children }, 'cache'))).toEqual(['caches', 'data']);
  expect(idsOf(collectionsAround({ children }, 'db'))).toEqual(['data']);
  expect(idsOf(collectionsAround({ children }, 'front'))).toEqual([]);
  expect(idsOf(collectionsAround({ children }, 'nobody'))).toEqual([]);
});

test('what a vApp holds is read back as it was written, and nothing else is taken for it', () => {
  for (const child of children) expect(EntityChild.parse(JSON.parse(JSON.stringify(child)))).toEqual(child);
  const broken = { collection: { ...caches.collection, children: [{ collection: { id: 'x' } }] } };
  for (const each of [{}, { collection: {} }, broken]) expect(EntityChild.safeParse(each).success).toBe(false);
});
