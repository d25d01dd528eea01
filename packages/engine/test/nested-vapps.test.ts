import { collectionsIn, type OvfParams, type SessionBackend } from '@ovfkit/domain';
import { type Content, contentsOf, elementsOf, readDescriptor } from '@ovfkit/package-format';
import { expect, test } from 'vitest';
import { stagedEntity } from '../src/export/described-entity.ts';
import { exportDescriptor } from '../src/export/export-descriptor.ts';
import { attributesOf, imported, problemsOf } from './support/choices.ts';
import { nestedDescriptor, scaledDescriptor, twinDescriptor } from './support/nested-package.ts';
import { exportFiles, named } from './support/session.ts';

const exported = async (backend: SessionBackend, vappId: string | undefined): Promise<string> => {
  const files = await exportFiles(backend, { vappId });
  return new TextDecoder().decode([...files].find(([name]) => name.endsWith('.ovf'))?.[1]);
};

async function throughImport(text: string, ...parameters: readonly OvfParams[]): Promise<string> {
  const { backend, info } = await imported(text, ...parameters);
  return exported(backend, info.vappId);
}

/** `shop[data[db caches[cache-a cache-b]] front]` */
const shapeOf = (content: Content): string =>
  content.kind === 'VirtualSystem' ? content.id : `${content.id}[${content.children.map(shapeOf).join(' ')}]`;

const shape = (text: string): string => shapeOf(readDescriptor(text).content);

/** All that a collection says of itself. */
const factsOf = (text: string) =>
  contentsOf(readDescriptor(text).content)
    .filter(({ kind }) => kind === 'VirtualSystemCollection')
    .map(({ id, name, annotation, products, eulas, sections }) => ({
      ...{ id, name, annotation },
      products: products.map(({ class: classId, product, properties }) => [
        classId,
        product,
        ...properties.map(assigned),
      ]),
      eulas: eulas.map(({ license }) => license),
      sections: sections.map((each) => [each.name, ...elementsOf(each.element).map(attributesOf)]),
    }));

const assigned = ({ key, value }: { readonly key: string; readonly value?: string | undefined }) => `${key}=${value}`;

const startOf = (text: string, id: string): readonly string[] => {
  const sections = contentsOf(readDescriptor(text).content).find((each) => each.id === id)?.sections ?? [];
  return sections.flatMap(({ meaning }) => (meaning?.kind === 'Startup' ? meaning.items.map((item) => item.id) : []));
};

test('vApps inside a vApp come out of an export as they went in, with all that is their own, and again', async () => {
  const first = await throughImport(nestedDescriptor);
  expect(shape(first)).toBe('shop[data[db caches[cache-a cache-b]] front spare[] back]');
  expect(shape(first)).toBe(shape(nestedDescriptor));
  expect(factsOf(first)).toEqual(factsOf(nestedDescriptor));
  expect(readDescriptor(first).findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(await throughImport(first)).toBe(first);
});

test('a property of a vApp inside is set by its name, shown by the machines in it, and the default of the export', async () => {
  const properties = [{ classId: 'org.data', id: 'region', value: 'north' }];
  const { backend, info } = await imported(nestedDescriptor, { type: 'PropertyParams', properties });
  const shown = async (name: string) => {
    const [machine] = await backend.inventory.vm.list({ names: [name] });
    const { ovf } = await backend.inventory.vm.get({ vm: machine?.vm ?? '' });
    return ovf?.properties?.map(({ key, value }) => `${key}=${value}`);
  };
  expect(await shown('cache-b')).toEqual(['org.data.region=north', 'org.shop.motto=plain']);
  expect(await shown('back')).toEqual(['org.shop.motto=plain']);
  const [, data] = factsOf(await exported(backend, info.vappId));
  expect(data?.products).toEqual([['org.data', 'data', 'region=north']]);
});

test('every instance of a vApp inside has machines and an order of its own, and the order around names them all', async () => {
  const text = await throughImport(scaledDescriptor);
  const shards = ['1', '2'].map((each) => `data-${each}[db-${each} caches-${each}[cache-a-${each} cache-b-${each}]]`);
  expect(shape(text)).toBe(`shop[${shards.join(' ')} front spare[] back]`);
  expect(factsOf(text).map(({ name }) => name)).toEqual([
    ...['shop', 'Data tier-1', 'Caches-1', 'Data tier-2', 'Caches-2', undefined],
  ]);
  expect(startOf(text, 'shop')).toEqual(['data-1', 'data-2', 'front', 'spare']);
  expect(startOf(text, 'data-2')).toEqual(['db-2', 'caches-2']);
  const three = await throughImport(scaledDescriptor, {
    type: 'ScaleOutParams',
    groups: [{ id: 'data', instanceCount: 3 }],
  });
  expect(startOf(three, 'caches-3')).toEqual(['cache-b-3', 'cache-a-3']);
});

test('instances of vApps without machines count as well', async () => {
  const count = (id: string) =>
    `<ovf2:ScaleOutSection xmlns:ovf2="http://schemas.dmtf.org/ovf/envelope/2" ovf:required="false" ovf2:id="${id}"><Info/><ovf2:InstanceCount ovf2:minimum="1"/></ovf2:ScaleOutSection>`;
  const text = nestedDescriptor
    .replace('<VirtualSystemCollection ovf:id="spare"><Info>Empty</Info>', `$&${count('spare')}${count('bare')}`)
    .replace(
      '</VirtualSystemCollection>\n    <VirtualSystem ovf:id="back"',
      '<VirtualSystemCollection ovf:id="bare"><Info/></VirtualSystemCollection>$&',
    );
  expect(shape(text)).toContain('spare[bare[]]');
  const groups = ['spare', 'bare'].map((id) => ({ id, instanceCount: 900 }));
  expect(await problemsOf(text, { type: 'ScaleOutParams', groups })).toEqual([['groups', '810005']]);
});

test('an export whose name is that of a vApp inside can be imported', async () => {
  const text = await throughImport(nestedDescriptor, named('data'));
  expect(shape(text)).toBe('data-vapp[data[db caches[cache-a cache-b]] front spare[] back]');
  expect(factsOf(await throughImport(text))).toEqual(factsOf(text));
});

test('a vApp inside outlives its last machine', async () => {
  const { backend, info } = await imported(nestedDescriptor);
  for (const { vm } of await backend.inventory.vm.list({ names: ['cache-a', 'cache-b', 'back'] }))
    await backend.inventory.vm.delete({ vm });
  const text = await exported(backend, info.vappId);
  expect(shape(text)).toBe('shop[data[db caches[]] front spare[]]');
});

test('machines of one name in two vApps that vSphere describes stay two', () => {
  const entity = stagedEntity({ descriptor: twinDescriptor, files: [] });
  expect(entity.vms.map(({ systemId, name }) => [systemId, name])).toEqual([
    ...[
      ['db', 'db'],
      ['db-2', 'db'],
      ['front', 'front'],
      ['back', 'back'],
    ],
  ]);
  expect(collectionsIn(entity).map(({ id }) => id)).toEqual(['data', 'caches', 'spare']);
  const choice = { flags: new Set<string>(), name: undefined, description: undefined };
  const text = exportDescriptor({ entity, choice, parts: { stem: 'shop', files: [], disks: [] } });
  expect(shape(text)).toBe('shop[data[db caches[db-2]] front spare[] back]');
  expect(startOf(text, 'caches')).toEqual(['db-2']);
});
