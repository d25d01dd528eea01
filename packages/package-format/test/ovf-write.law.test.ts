import {
  type Content,
  type Descriptor,
  PackageError,
  readDescriptor,
  type WritableContent,
  type WritableEnvelope,
  writeDescriptor,
} from '@ovfkit/package-format';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const unit = fc.constantFrom('a', 'Z', '0', '-', '.', '<', '&', '"', "'", '>', 'ü', '虚', '😀', ']');
const word = fc.string({ unit, minLength: 1, maxLength: 8 });
/** Names and labels are read with white space collapsed, other texts as they are. */
const label = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' '));
const text = fc.string({ unit: fc.oneof(unit, fc.constantFrom(' ', '\n', '\t', '\r')), maxLength: 20 });
const value = text;
const whole = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
const id = fc.string({ unit: fc.constantFrom(...'abcdefgh0123'), minLength: 1, maxLength: 6 });
const few = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 3 });
const config = fc.record({ key: word, value, required: maybe(fc.boolean()) });

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
  weight: maybe(whole),
  hostResource: few(label),
  connection: few(label),
  automaticAllocation: maybe(fc.boolean()),
  configurations: few(id),
  bound: maybe(fc.constantFrom('min' as const, 'max' as const, 'normal' as const)),
  required: fc.boolean(),
  config: few(config),
});

const hardware = fc.record({
  info: label,
  system: maybe(
    fc.record({
      elementName: label,
      instanceId: id,
      virtualSystemIdentifier: maybe(label),
      virtualSystemType: maybe(label),
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
const collection: fc.Arbitrary<WritableContent> = fc.record({
  kind: fc.constant('VirtualSystemCollection' as const),
  ...base,
  children: few(system),
});

const envelope = fc.record({
  files: few(
    fc.record({
      id,
      href: label,
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
      format: maybe(label),
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

/** What was read, without what is not part of the model. */
function modelOf({ files, disks, networks, deploymentOptions, content, bundles }: Descriptor) {
  return { files, disks, networks, deploymentOptions, content: contentOf(content), bundles };
}

function contentOf({ position, sections, ...content }: Content): object {
  if (content.kind === 'VirtualSystemCollection') return { ...content, children: content.children.map(contentOf) };
  return {
    ...content,
    hardware: content.hardware.map((part) => ({ ...part, items: part.items.map(({ position: _, ...one }) => one) })),
  };
}

test('what is written is read back', () => {
  fc.assert(
    fc.property(envelope, (model: WritableEnvelope) => {
      expect(modelOf(readDescriptor(writeDescriptor(model)))).toEqual(model);
    }),
  );
});

test('what was read can be written and read again', () => {
  fc.assert(
    fc.property(envelope, (model) => {
      const once = readDescriptor(writeDescriptor(model));
      expect(modelOf(readDescriptor(writeDescriptor(once)))).toEqual(modelOf(once));
    }),
  );
});

test('a damaged descriptor gives findings or a PackageError, nothing else', () => {
  fc.assert(
    fc.property(
      envelope,
      fc.array(fc.tuple(fc.nat(), fc.string({ maxLength: 3 })), { minLength: 1, maxLength: 4 }),
      (model, damages) => {
        let damaged = writeDescriptor(model);
        for (const [at, insert] of damages) {
          const start = at % damaged.length;
          damaged = damaged.slice(0, start) + insert + damaged.slice(start + 1);
        }
        try {
          readDescriptor(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(PackageError);
        }
      },
    ),
  );
});
