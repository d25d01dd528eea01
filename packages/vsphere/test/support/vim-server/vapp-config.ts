import {
  type ProductSection,
  readXml,
  type StartupItem,
  type UnknownSection,
  type VirtualSystemCollection,
  type WritableCollection,
  type WritableProduct,
  type WritableSection,
  writeXml,
} from '@ovfkit/package-format';
import { itemsOf } from '../../../src/vim/vim-shape.ts';
import type { VimObject, VimValue } from '../../../src/vim/vim-value.ts';
import { isObject, isReference, type Model, propertyOf, type ServedObject } from './model.ts';

/** What vSphere has in fields of its own, and no text of. */
const understood: ReadonlySet<string> = new Set(['StartupSection', 'ResourceAllocationSection']);

/** The `vAppConfigSpec` of a collection, with values of properties as they are mapped. */
export function vappConfigSpec(
  { annotation, products, eulas, sections }: VirtualSystemCollection,
  cisp: VimObject,
): VimObject {
  const values = new Map(
    itemsOf(cisp['propertyMapping'])
      .filter(isObject)
      .map(({ key, value }) => [String(key), String(value)]),
  );
  return {
    _typeName: 'VAppConfigSpec',
    product: products.map((each, key) => ({
      _typeName: 'VAppProductSpec',
      operation: 'add',
      info: { _typeName: 'VAppProductInfo', key, classId: each.class, instanceId: each.instance, name: each.product },
    })),
    property: products.flatMap((each) => propertySpecs(each, values)),
    eula: eulas.map(({ license }) => license),
    ovfSection: sectionSpecs(sections),
    annotation,
  };
}

/** Sections that vSphere keeps as text, of a collection or a system. */
export const sectionSpecs = (sections: readonly UnknownSection[]): readonly VimObject[] =>
  sections
    .filter(({ name }) => !understood.has(name))
    .map(({ namespace, name, element }) => ({
      _typeName: 'VAppOvfSectionSpec',
      operation: 'add',
      info: { _typeName: 'VAppOvfSectionInfo', namespace, type: name, contents: writeXml(element) },
    }));

/** What was to be added by a list of a spec. */
export const addedBy = (specs: VimValue | undefined): readonly VimObject[] =>
  itemsOf(specs)
    .filter(isObject)
    .map(({ info }) => info)
    .filter(isObject);

/** The sections that a configuration has as text. */
export const describedSections = (config: VimObject): readonly WritableSection[] =>
  itemsOf(config['ovfSection'])
    .filter(isObject)
    .map(({ contents }) => ({ element: readXml(String(contents)).root }));

function propertySpecs(product: ProductSection, values: ReadonlyMap<string, string>): readonly VimObject[] {
  const { class: classId, instance: instanceId } = product;
  return product.properties.map(({ key: id, type, value: defaultValue = '', userConfigurable }) => {
    const key = [classId, id, instanceId].filter((part) => part !== undefined).join('.');
    return {
      _typeName: 'VAppPropertySpec',
      operation: 'add',
      info: {
        ...{ _typeName: 'VAppPropertyInfo', classId, instanceId, id, type, userConfigurable, defaultValue },
        value: values.get(key) ?? '',
      },
    };
  });
}

/** What pools of a collection may have: only memory is looked at here. */
export function poolSpec({ sections }: VirtualSystemCollection): VimObject {
  const items = sections.flatMap(({ meaning }) => (meaning?.kind === 'ResourceAllocation' ? meaning.items : []));
  const memory = items.find(({ resourceType }) => resourceType === 4);
  return {
    _typeName: 'ResourceConfigSpec',
    memoryAllocation:
      memory === undefined
        ? undefined
        : { _typeName: 'ResourceAllocationInfo', reservation: memory.reservation, limit: memory.limit },
  };
}

/** When a child is started, for the spec of that child; nothing where the collection does not say. */
export function childOrder({ sections }: VirtualSystemCollection, id: string): VimObject | undefined {
  const items = sections.flatMap(({ meaning }) => (meaning?.kind === 'Startup' ? meaning.items : []));
  const item = items.find((each) => each.id === id);
  return item === undefined ? undefined : { _typeName: 'VAppEntityConfigInfo', tag: id, ...orderOf(item) };
}

const orderOf = ({ order, startDelay, waitingForGuest, startAction, stopDelay, stopAction }: StartupItem) => ({
  startOrder: order,
  ...{ startDelay, waitingForGuest, startAction, stopDelay, stopAction },
});

/** The `vAppConfig` of what is made of a spec; vSphere has an entry for every child, in their order. */
export function vappConfig(spec: VimObject, children: readonly ServedObject[]): VimObject {
  const config = isObject(spec['vAppConfigSpec']) ? spec['vAppConfigSpec'] : {};
  const orders = itemsOf(spec['child'])
    .filter(isObject)
    .map(({ entityConfig }) => (isObject(entityConfig) ? entityConfig : {}));
  return {
    _typeName: 'VAppConfigInfo',
    product: addedBy(config['product']),
    property: addedBy(config['property']),
    eula: itemsOf(config['eula']),
    ovfSection: addedBy(config['ovfSection']),
    annotation: config['annotation'],
    entityConfig: children.map(({ ref }, index) => ({ _typeName: 'VAppEntityConfigInfo', ...orders[index], key: ref })),
  };
}

/** Children of a vApp: in the order of its configuration, where it has one. */
export function childrenOf(model: Model, { properties }: ServedObject): readonly ServedObject[] {
  const all = [...itemsOf(properties['vm']), ...itemsOf(properties['resourcePool'])].filter(isReference);
  const order = orders(properties['vAppConfig']).map(({ key }) => (isReference(key) ? key.value : ''));
  return all.toSorted((a, b) => order.indexOf(a.value) - order.indexOf(b.value)).map((ref) => model.get(ref));
}

const orders = (config: VimValue | undefined): readonly VimObject[] =>
  isObject(config) ? itemsOf(config['entityConfig']).filter(isObject) : [];

/** What a descriptor says of a vApp itself. */
export function describedVapp(
  model: Model,
  { properties }: ServedObject,
): Pick<WritableCollection, 'annotation' | 'products' | 'eulas' | 'sections'> {
  const config = isObject(properties['vAppConfig']) ? properties['vAppConfig'] : {};
  const { annotation } = config;
  return {
    annotation: typeof annotation === 'string' ? annotation : undefined,
    products: itemsOf(config['product'])
      .filter(isObject)
      .map((each) => productOf(each, config)),
    eulas: itemsOf(config['eula']).map((license) => ({ license: String(license) })),
    sections: [...allocationOf(properties), ...startupOf(model, config), ...describedSections(config)],
  };
}

const words = (value: VimValue | undefined): string | undefined => (typeof value === 'string' ? value : undefined);

const productOf = ({ classId, instanceId, name }: VimObject, config: VimObject): WritableProduct => ({
  class: words(classId),
  instance: words(instanceId),
  product: words(name),
  properties: itemsOf(config['property'])
    .filter(isObject)
    .filter((each) => words(each['classId']) === words(classId) && words(each['instanceId']) === words(instanceId))
    .map(({ id, type, value, defaultValue, userConfigurable }) => ({
      key: String(id),
      type: String(type),
      userConfigurable: String(userConfigurable) === 'true',
      value: words(value) || words(defaultValue),
    })),
});

function allocationOf(properties: VimObject): readonly WritableSection[] {
  const reservation = propertyOf(properties, 'config.memoryAllocation.reservation');
  const limit = propertyOf(properties, 'config.memoryAllocation.limit');
  if (reservation === undefined && limit === undefined) return [];
  const item = {
    ...{ instanceId: '1', resourceType: 4, elementName: 'Memory', required: true },
    ...{ connection: [], hostResource: [], config: [], allocationUnits: 'byte * 2^20', virtualQuantity: 0 },
    ...(reservation === undefined ? {} : { reservation: Number(reservation) }),
    ...(limit === undefined ? {} : { limit: Number(limit) }),
  };
  return [{ meaning: { kind: 'ResourceAllocation', items: [item] } }];
}

/** By the names of the children: those are their ids in a descriptor. */
function startupOf(model: Model, config: VimObject): readonly WritableSection[] {
  const items = orders(config).flatMap(({ key, startOrder, startDelay, waitingForGuest, ...stop }): StartupItem[] => {
    if (startOrder === undefined || !isReference(key)) return [];
    return [
      {
        id: String(model.get(key).properties['name']),
        order: Number(startOrder),
        startDelay: Number(startDelay),
        waitingForGuest: String(waitingForGuest) === 'true',
        startAction: String(stop['startAction']),
        stopDelay: Number(stop['stopDelay']),
        stopAction: String(stop['stopAction']),
      },
    ];
  });
  return items.length === 0 ? [] : [{ meaning: { kind: 'Startup', items } }];
}
