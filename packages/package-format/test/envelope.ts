import type { WritableContent, WritableEnvelope, WritableItem, WritableMeaning } from '@ovfkit/package-format';
import fc from 'fast-check';

const unit = fc.constantFrom('a', 'Z', '0', '-', '.', '<', '&', '"', "'", '>', 'ü', '虚', '😀', ']');
const word = fc.string({ unit, minLength: 1, maxLength: 8 });
/** Names and labels are read with white space collapsed, other texts as they are. */
const label = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' '));
const text = fc.string({ unit: fc.oneof(unit, fc.constantFrom(' ', '\n', '\t', '\r')), maxLength: 20 });
const value = text;
const whole = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
const id = fc.string({ unit: fc.constantFrom(...'abcdefgh0123'), minLength: 1, maxLength: 6 });
/** What may stand where a URI is asked for. */
const path = fc
  .array(fc.oneof(id, fc.constantFrom('虚拟机', 'a b', '..x')), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('/'));
const few = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 3 });
const config = fc.record({ key: word, value, required: maybe(fc.boolean()) });

/** What the items of any kind may have, in the order of names. */
const settings = fc.subarray([
  { name: 'AutomaticDeallocation', value: 'true' },
  { name: 'Caption', value: 'A caption' },
  { name: 'ConsumerVisibility', value: '2' },
]);

const hardwareItem = fc.record({
  instanceId: id,
  resourceType: fc.integer({ min: 1, max: 33 }),
  resourceSubType: maybe(label),
  elementName: label,
  description: maybe(label),
  parent: maybe(id),
  addressOnParent: maybe(id),
  address: maybe(label),
  virtualQuantity: maybe(whole),
  allocationUnits: maybe(fc.constantFrom('byte * 2^20', 'hertz * 10^6')),
  reservation: maybe(whole),
  limit: maybe(whole),
  weight: maybe(fc.nat(0xffff_ffff)),
  hostResource: few(label),
  connection: few(label),
  automaticAllocation: maybe(fc.boolean()),
  configurations: few(id),
  bound: maybe(fc.constantFrom('min' as const, 'max' as const, 'normal' as const)),
  required: fc.boolean(),
  config: few(config),
  settings,
});

const hardware = fc.record({
  info: label,
  system: maybe(
    fc.record({
      elementName: label,
      instanceId: id,
      virtualSystemIdentifier: maybe(label),
      virtualSystemType: maybe(label),
      settings: fc.subarray([
        { name: 'Caption', value: 'A caption' },
        { name: 'Notes', value: 'A note' },
      ]),
    }),
  ),
  items: few(hardwareItem),
  transport: maybe(few(id)),
  config: few(config),
  extraConfig: few(config),
});

const property = fc.record({
  key: word,
  type: fc.constantFrom('string', 'boolean', 'uint16'),
  qualifiers: maybe(label),
  vendorQualifiers: maybe(label),
  value: maybe(value),
  valuesByConfiguration: few(fc.tuple(id, value)).map((pairs) => new Map(pairs)),
  userConfigurable: fc.boolean(),
  password: fc.boolean(),
  label: maybe(label),
  description: maybe(text),
  configurations: maybe(few(id)),
});

const product = fc
  .record({
    class: maybe(id),
    instance: maybe(id),
    info: label,
    product: maybe(label),
    vendor: maybe(label),
    version: maybe(label),
    fullVersion: maybe(label),
  })
  .chain((base) =>
    fc.tuple(fc.uniqueArray(label, { maxLength: 3 }), few(property)).map(([categories, properties]) => ({
      ...base,
      categories,
      // a category holds until the next one, so they can only rise
      properties: properties.map((one, index) => ({
        ...one,
        category: categories[Math.min(index, categories.length - 1)],
      })),
    })),
  );

const base = {
  id,
  name: maybe(label),
  info: label,
  products: few(product),
  eulas: few(fc.record({ info: label, license: text })),
  annotation: maybe(text),
};
const system: fc.Arbitrary<WritableContent> = fc.record({
  kind: fc.constant('VirtualSystem' as const),
  ...base,
  operatingSystem: maybe(
    fc.record({ id: fc.nat(200), version: maybe(label), description: maybe(label), osType: maybe(id) }),
  ),
  hardware: few(hardware),
});
const short = fc.nat(0xffff);

/** What sections of OVF may say of a collection and what is in it. */
export const standardMeaning: fc.Arbitrary<WritableMeaning> = fc.oneof(
  fc.record({
    kind: fc.constant('Startup' as const),
    items: few(
      fc.record({
        id,
        order: short,
        startDelay: short,
        waitingForGuest: fc.boolean(),
        stopDelay: short,
        startAction: fc.constantFrom('powerOn', 'none'),
        stopAction: fc.constantFrom('powerOff', 'guestShutdown'),
      }),
    ),
  }),
  fc.record({ kind: fc.constant('ResourceAllocation' as const), items: few(hardwareItem) }),
);

/** What only OVF 2.x can say. */
export const laterMeaning: fc.Arbitrary<WritableMeaning> = fc.oneof(
  fc.record({
    kind: fc.constant('EnvironmentFiles' as const),
    transport: few(id),
    files: few(fc.record({ fileRef: id, path: id })),
  }),
  fc.record({
    kind: fc.constant('BootDevice' as const),
    caption: maybe(label),
    sources: few(fc.record({ instanceId: id, bootString: maybe(label) })),
  }),
  fc.record({
    kind: fc.constant('ScaleOut' as const),
    id,
    description: maybe(label),
    counts: fc.array(
      fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9), few(id)).map(([minimum, more, most, configurations]) => ({
        minimum,
        default: minimum + more,
        maximum: minimum + more + most,
        configurations,
      })),
      { minLength: 1, maxLength: 2 },
    ),
  }),
  fc.record({ kind: fc.constant('PlacementGroup' as const), id, policy: id, description: maybe(label) }),
);

/** What VMware's sections say. */
export const vmwareMeaning: fc.Arbitrary<WritableMeaning> = fc.oneof(
  fc.record({ kind: fc.constant('IpAssignment' as const), protocols: few(id), schemes: few(id) }),
  fc.record({ kind: fc.constant('BootOrder' as const), deviceType: maybe(id), instanceId: maybe(id) }),
  fc.record({ kind: fc.constant('StorageGroup' as const), id, name: maybe(word), description: maybe(label) }),
  fc.record({ kind: fc.constant('Storage' as const), group: id }),
  fc.record({
    kind: fc.constant('CpuCompatibility' as const),
    levels: few(few(fc.tuple(fc.constantFrom('level', 'eax', 'ecx'), word)).map((pairs) => new Map(pairs))),
  }),
  fc.record({
    kind: fc.constant('TagPlacementGroup' as const),
    id,
    name: maybe(word),
    priority: maybe(short),
    description: maybe(label),
    category: maybe(fc.record({ id: maybe(word), name: maybe(word) })),
    tag: maybe(fc.record({ id: maybe(word), name: maybe(word) })),
  }),
  fc.record({
    kind: fc.constant('ServiceDependency' as const),
    id,
    type: label,
    name: maybe(label),
    description: maybe(label),
  }),
);

const collection: fc.Arbitrary<WritableContent> = fc.record({
  kind: fc.constant('VirtualSystemCollection' as const),
  ...base,
  children: few(system),
});

/** Envelopes of every shape that can be written and read back. */
export const envelope: fc.Arbitrary<WritableEnvelope> = fc.record({
  files: few(
    fc.record({
      id,
      href: path,
      size: maybe(whole),
      compression: maybe(fc.constant('gzip')),
      chunkSize: maybe(whole),
    }),
  ),
  disks: few(
    fc.record({
      diskId: id,
      capacity: whole.map(String),
      capacityAllocationUnits: maybe(fc.constant('byte * 2^30')),
      fileRef: maybe(id),
      format: maybe(path),
      parentRef: maybe(id),
      populatedSize: maybe(whole),
    }),
  ),
  networks: few(fc.record({ name: label, description: maybe(text) })),
  deploymentOptions: few(fc.record({ id, label, description: text })).map((all) =>
    all.map((one, index) => ({ ...one, isDefault: index === 0 })),
  ),
  content: fc.oneof(system, collection),
  bundles: few(
    fc.record({
      locale: maybe(fc.constantFrom('en', 'de-DE')),
      messages: few(fc.tuple(id, text)).map((pairs) => new Map(pairs)),
    }),
  ),
});

const storageTypes: ReadonlySet<number> = new Set([15, 16, 17, 19, 31, 32]);

/** OVF 2.x has items of three kinds, one kind after the other. */
export function inOrderOf2(items: readonly WritableItem[]): readonly WritableItem[] {
  const rank = ({ resourceType }: WritableItem) => (resourceType === 10 ? 1 : storageTypes.has(resourceType) ? 2 : 0);
  return items.toSorted((a, b) => rank(a) - rank(b));
}

/** What only ports and storage have in 2.x. */
function withSettings2(item: WritableItem): WritableItem {
  const { resourceType, settings: some = [] } = item;
  if (resourceType === 10) return { ...item, settings: [...some, { name: 'PortVID', value: '7' }] };
  return storageTypes.has(resourceType) ? { ...item, settings: [{ name: 'Access', value: '2' }, ...some] } : item;
}

/** The same through all systems. */
export function sortContent(content: WritableContent): WritableContent {
  if (content.kind === 'VirtualSystemCollection') return { ...content, children: content.children.map(sortContent) };
  const hardware = content.hardware?.map((section) => ({ ...section, items: inOrderOf2(section.items) })) ?? [];
  return { ...content, hardware };
}

function withContent2(content: WritableContent): WritableContent {
  if (content.kind === 'VirtualSystemCollection') return { ...content, children: content.children.map(withContent2) };
  const hardware = content.hardware?.map((section) => ({ ...section, items: section.items.map(withSettings2) })) ?? [];
  return { ...content, hardware };
}

/** As {@link envelope}, for OVF 2.x: with shared disks, and hardware in its order. */
export const envelope2: fc.Arbitrary<WritableEnvelope> = fc
  .tuple(envelope, few(fc.record({ diskId: id, capacity: whole.map(String), readOnly: fc.boolean() })))
  .map(([model, shared]) => ({
    ...model,
    version: '2.0' as const,
    disks: [...(model.disks ?? []), ...shared.map(({ readOnly, ...disk }) => ({ ...disk, shared: { readOnly } }))],
    content: withContent2(sortContent(model.content)),
  }));
