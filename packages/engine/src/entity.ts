import type {
  Entity,
  EntityChild,
  EntityCollection,
  KeptSection,
  Placement,
  ProductInfo,
  StoredFile,
} from '@ovfkit/domain';
import {
  type Content,
  type Descriptor,
  type Eula,
  hostResourceTarget,
  type ProductSection,
  type ResolvedSystem,
  type UnknownSection,
} from '@ovfkit/package-format';
import { defined } from './defined.ts';
import { type CollectionInstance, type Instance, idsIn, instancesOf, machinesIn } from './instances.ts';
import { keptSections } from './kept-section.ts';
import type { Selection } from './parameters/evaluate.ts';
import { defaultValue, propertyKey } from './parameters/property.ts';
import { virtualMachine } from './virtual-machine.ts';

/** What an entity is made from. */
export interface EntityParts {
  readonly descriptor: Descriptor;
  readonly selection: Selection;
  /** The files of the package that are here, by the id the descriptor gives them. */
  readonly files: ReadonlyMap<string, StoredFile>;
  readonly placement: Placement;
}

/** The package as it will be in the inventory: hardware of the chosen option, networks mapped, values in effect. */
export function createEntityOf(parts: EntityParts): Entity {
  const { descriptor, selection, placement } = parts;
  const { content } = descriptor;
  const { resolved, name } = selection;
  const outermost = content.kind === 'VirtualSystemCollection' ? [content] : [];
  const instances = instancesOf(content, { systems: resolved.systems, counts: selection.instances });
  const isAlone = content.kind === 'VirtualSystem' && instances.length === 1;
  return {
    type: isAlone ? 'VirtualMachine' : 'VirtualApp',
    name: name.name,
    ...(name.annotation === undefined ? {} : { annotation: name.annotation }),
    placement,
    ...(resolved.option === undefined ? {} : { deploymentOption: resolved.option }),
    networks: [...selection.networks].map(([network, target]) => {
      const known = descriptor.networks.find((each) => each.name === network);
      return { name: network, ...(known?.description === undefined ? {} : { description: known.description }), target };
    }),
    products: [descriptor, ...outermost].flatMap((each) => each.products).map((each) => productInfo(parts, each)),
    eulas: eulaTexts([descriptor, ...outermost].flatMap((each) => each.eulas)),
    ...choicesOf(selection),
    ...contentOf(parts, instances),
  };
}

function choicesOf({ ipAllocation, extensionAccepted, services }: Selection) {
  return {
    ...(ipAllocation === undefined ? {} : { ipAllocation }),
    ...(extensionAccepted === undefined ? {} : { extensionAccepted }),
    ...(services.length === 0 ? {} : { services: [...services] }),
  };
}

/** Machines and vApps inside, each with its products, EULAs and sections. */
function contentOf(
  parts: EntityParts,
  instances: readonly Instance[],
): Pick<Entity, 'vms' | 'children' | 'sections' | 'envelopeSections'> {
  const { descriptor } = parts;
  const { content } = descriptor;
  const machines = machinesIn(instances);
  const ids = idsIn(instances);
  return {
    vms: machines.map((machine, index) => ({
      ...virtualMachine(parts, {
        ...machine,
        isAlone: machines.length === 1,
        media: mediaOf(parts, { system: machine.system, isFirst: index === 0 }),
      }),
      ...ownOf(parts, { content: machine.system.system, ids }),
    })),
    ...(instances.every((each) => 'system' in each) ? {} : { children: childrenOf(parts, instances) }),
    ...sectionsOf(descriptor, { sections: content.kind === 'VirtualSystem' ? [] : content.sections, ids }),
    ...defined({ envelopeSections: sectionsOf(descriptor, { sections: descriptor.sections, ids }).sections }),
  };
}

const childrenOf = (parts: EntityParts, instances: readonly Instance[]): EntityChild[] =>
  instances.map((each) => ('system' in each ? { systemId: each.id } : { collection: collectionOf(parts, each) }));

/** Instances of one prototype are told apart by their names. */
function collectionOf(parts: EntityParts, { collection, id, suffix, children }: CollectionInstance): EntityCollection {
  const { name, annotation } = collection;
  return {
    id,
    ...defined({ name: name === undefined ? undefined : `${name}${suffix}`, annotation }),
    ...ownOf(parts, { content: collection, ids: idsIn(children) }),
    children: childrenOf(parts, children),
  };
}

type Ids = ReadonlyMap<string, readonly string[]>;

/** Of one system or collection. */
const ownOf = (parts: EntityParts, { content, ids }: { readonly content: Content; readonly ids: Ids }) => ({
  products: content.products.map((each) => productInfo(parts, each)),
  eulas: eulaTexts(content.eulas),
  ...sectionsOf(parts.descriptor, { sections: content.sections, ids }),
});

function sectionsOf(
  { root }: Descriptor,
  { sections, ids }: { readonly sections: readonly UnknownSection[]; readonly ids: Ids },
): { readonly sections?: KeptSection[] } {
  const kept = keptSections(sections, { namespace: root.namespace, ids });
  return kept.length === 0 ? {} : { sections: [...kept] };
}

const eulaTexts = (eulas: readonly Eula[]): string[] => eulas.map(({ license }) => license);

function productInfo({ selection }: EntityParts, product: ProductSection): ProductInfo {
  const { option } = selection.resolved;
  return {
    ...defined({ classId: product.class, instanceId: product.instance, info: product.info }),
    ...defined({ product: product.product, vendor: product.vendor, version: product.version }),
    ...defined({ fullVersion: product.fullVersion, productUrl: product.productUrl, vendorUrl: product.vendorUrl }),
    properties: product.properties
      .filter(({ configurations }) => configurations === undefined || configurations.includes(option ?? ''))
      .map((property) => {
        const key = propertyKey({ classId: product.class, id: property.key, instanceId: product.instance });
        return {
          ...defined({ classId: product.class, instanceId: product.instance, qualifiers: property.qualifiers }),
          ...defined({ vendorQualifiers: property.vendorQualifiers }),
          ...defined({ label: property.label, category: property.category }),
          ...defined({ description: property.description }),
          ...defined({ defaultValue: property.value }),
          ...defined({ value: selection.properties.get(key) ?? defaultValue(property, option) }),
          id: property.key,
          type: property.type,
          userConfigurable: property.userConfigurable,
          password: property.password,
        };
      }),
  };
}

/**
 * The files that are no disks, with the machine that names them; what no machine names goes with the first, and so do
 * the files that other disks are based on: they have to live as long as it does.
 */
function mediaOf(
  { descriptor, selection, files }: EntityParts,
  { system, isFirst }: { readonly system: ResolvedSystem; readonly isFirst: boolean },
): readonly (StoredFile & { readonly fileRef: string })[] {
  const { systems } = selection.resolved;
  const own = namedFiles(system);
  const others = new Set(systems.flatMap((each) => (each === system ? [] : [...namedFiles(each)])));
  const onDisks = new Set(systems.flatMap(({ disks }) => disks.map(({ fileRef }) => fileRef)));
  const bundles = new Set(descriptor.bundles.map(({ fileRef }) => fileRef));
  return [...files]
    .filter(([id]) => !onDisks.has(id) && !bundles.has(id))
    .filter(([id]) => own.has(id) || (isFirst && !others.has(id)))
    .map(([fileRef, file]) => ({ ...file, fileRef }));
}

function namedFiles({ items, system }: ResolvedSystem): ReadonlySet<string> {
  const values = [
    ...items.flatMap(({ hostResource }) => hostResource),
    ...system.hardware.flatMap(({ extraConfig }) => extraConfig.map(({ value }) => value)),
  ];
  const targets = values.map(hostResourceTarget);
  return new Set(targets.flatMap((target) => (target?.kind === 'file' ? [target.id] : [])));
}
