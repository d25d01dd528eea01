import type { Entity, KeptSection, Placement, ProductInfo, StoredFile } from '@ovfkit/domain';
import {
  contentsOf,
  type Descriptor,
  type Eula,
  hostResourceTarget,
  type ProductSection,
  systemsOf,
} from '@ovfkit/package-format';
import { defined } from './defined.ts';
import { type Instances, instancesOf } from './instances.ts';
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
  const collections = contentsOf(content).filter(({ kind }) => kind === 'VirtualSystemCollection');
  const instances = instancesOf(content, { systems: resolved.systems, counts: selection.instances });
  const isAlone = content.kind === 'VirtualSystem' && instances.all.length === 1;
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
    products: [...descriptor.products, ...collections.flatMap((part) => part.products)].map((each) =>
      productInfo(parts, each),
    ),
    eulas: eulaTexts([...descriptor.eulas, ...collections.flatMap((part) => part.eulas)]),
    ...choicesOf(selection),
    ...machinesAndSections(parts, instances),
  };
}

function choicesOf({ ipAllocation, extensionAccepted, services }: Selection) {
  return {
    ...(ipAllocation === undefined ? {} : { ipAllocation }),
    ...(extensionAccepted === undefined ? {} : { extensionAccepted }),
    ...(services.length === 0 ? {} : { services: [...services] }),
  };
}

function machinesAndSections(
  parts: EntityParts,
  { all, ids }: Instances,
): Pick<Entity, 'vms' | 'sections' | 'envelopeSections'> {
  const { descriptor } = parts;
  const keeping = { namespace: descriptor.root.namespace, ids };
  const collections = contentsOf(descriptor.content).filter(({ kind }) => kind === 'VirtualSystemCollection');
  // the order is that of the systems themselves
  const ofSystems = new Map(
    systemsOf(descriptor.content).map(({ sections }, index) => [parts.selection.resolved.systems[index], sections]),
  );
  return {
    vms: all.map(({ system, suffix }, index) => ({
      ...virtualMachine(parts, {
        system,
        naming: { isAlone: all.length === 1, suffix },
        media: mediaOf(parts, { systemId: system.id, isFirst: index === 0 }),
      }),
      products: system.system.products.map((each) => productInfo(parts, each)),
      eulas: eulaTexts(system.system.eulas),
      ...defined({ sections: some(keptSections([ofSystems.get(system) ?? []], keeping)) }),
    })),
    ...defined({ envelopeSections: some(keptSections([descriptor.sections], keeping)) }),
    ...defined({
      sections: some(
        keptSections(
          collections.map(({ sections }) => sections),
          keeping,
        ),
      ),
    }),
  };
}

const some = (sections: readonly KeptSection[]) => (sections.length === 0 ? undefined : [...sections]);

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
  { systemId, isFirst }: { readonly systemId: string; readonly isFirst: boolean },
): readonly (StoredFile & { readonly fileRef: string })[] {
  const { systems } = selection.resolved;
  const own = namedFiles(selection, systemId);
  const others = new Set(systems.flatMap(({ id }) => (id === systemId ? [] : [...namedFiles(selection, id)])));
  const onDisks = new Set(systems.flatMap(({ disks }) => disks.map(({ fileRef }) => fileRef)));
  const bundles = new Set(descriptor.bundles.map(({ fileRef }) => fileRef));
  return [...files]
    .filter(([id]) => !onDisks.has(id) && !bundles.has(id))
    .filter(([id]) => own.has(id) || (isFirst && !others.has(id)))
    .map(([fileRef, file]) => ({ ...file, fileRef }));
}

function namedFiles({ resolved }: Selection, systemId: string): ReadonlySet<string> {
  const system = resolved.systems.find(({ id }) => id === systemId);
  const values = [
    ...(system?.items.flatMap(({ hostResource }) => hostResource) ?? []),
    ...(system?.system.hardware.flatMap(({ extraConfig }) => extraConfig.map(({ value }) => value)) ?? []),
  ];
  const targets = values.map(hostResourceTarget);
  return new Set(targets.flatMap((target) => (target?.kind === 'file' ? [target.id] : [])));
}
