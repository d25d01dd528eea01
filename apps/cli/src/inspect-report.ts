import {
  type Content,
  type Descriptor,
  eulasOf,
  localizeDescriptor,
  nameProblem,
  piecesOf,
  productsOf,
  type ResolvedSystem,
  resolveConfiguration,
  resolveProperties,
  siblingName,
  summarize,
} from '@ovfkit/package-format';
import type { OpenedPackage } from './package.ts';
import { fullPropertyKey } from './spec/govc-options.ts';

/** Two lists of the same things, each pair as one. */
const merged = <A extends object, B extends object>(left: readonly A[], right: readonly B[]): readonly (A & B)[] =>
  left.flatMap((each, index) => {
    const other = right[index];
    return other === undefined ? [] : [{ ...each, ...other }];
  });

/** What is missing is told by looking at names and sizes; nothing is read. */
function missingFiles({ reader, descriptor }: OpenedPackage): readonly string[] {
  if (reader.isDescriptorOnly) return [];
  return descriptor.files
    .filter((file) => nameProblem(file.href) === undefined && piecesOf(reader, file).length === 0)
    .map(({ href }) => href);
}

/** null when one of them is not known. */
const sum = (values: readonly (number | undefined)[]): number | null =>
  values.reduce<number | null>((total, each) => (total === null || each === undefined ? null : total + each), 0);

/** What a deployment option implies, all systems together. Sizes are bytes. */
function hardwareOf(descriptor: Descriptor, option: string | undefined) {
  const { systems, files } = resolveConfiguration(descriptor, { option });
  const disks = systems.flatMap((system) => system.disks);
  return {
    systems: systems.length,
    cpus: sum(systems.map(({ cpus }) => cpus)),
    memoryBytes: sum(systems.map(({ memory }) => memory)),
    disks: disks.length,
    capacityBytes: sum(disks.map(({ capacity }) => capacity)),
    nics: systems.reduce((count, { nics }) => count + nics.length, 0),
    transferBytes: sum(files.map(({ size }) => size)),
  };
}

/** A system or a collection, as they are nested. */
export interface ReportedContent {
  readonly kind: Content['kind'];
  readonly id: string;
  readonly name: string | null;
  readonly annotation: string | null;
  readonly children: readonly ReportedContent[];
}

function contentReport(content: Content): ReportedContent {
  return {
    kind: content.kind,
    id: content.id,
    name: content.name ?? null,
    annotation: content.annotation ?? null,
    children: content.kind === 'VirtualSystem' ? [] : content.children.map(contentReport),
  };
}

/** What the summary does not say of a system. */
function machineReport({ system }: ResolvedSystem) {
  const { operatingSystem, hardware } = system;
  const families = hardware.map((each) => each.system?.virtualSystemType ?? '').join(' ');
  return {
    guest:
      operatingSystem === undefined
        ? null
        : {
            id: operatingSystem.id ?? null,
            osType: operatingSystem.osType ?? null,
            version: operatingSystem.version ?? null,
            description: operatingSystem.description ?? null,
          },
    hardware: families.split(/[\s,]+/).filter((family) => family !== ''),
    firmware: hardware[0]?.config.find(({ key }) => key === 'firmware')?.value ?? null,
    transport: hardware[0]?.transport ?? [],
  };
}

function productReport(descriptor: Descriptor) {
  return productsOf(descriptor)
    .filter(({ product, vendor, version }) => product ?? vendor ?? version)
    .map((product) => ({
      class: product.class ?? null,
      instance: product.instance ?? null,
      product: product.product ?? null,
      vendor: product.vendor ?? null,
      version: product.version ?? null,
      fullVersion: product.fullVersion ?? null,
      productUrl: product.productUrl ?? null,
      vendorUrl: product.vendorUrl ?? null,
      appUrl: product.appUrl ?? null,
    }));
}

/** What the summary does not say of the properties, in its order. `value` is that under the option, references filled in. */
function propertyReport(descriptor: Descriptor, option: string | undefined) {
  const resolved = new Map(resolveProperties(descriptor, { option }).map((each) => [each.property, each]));
  return productsOf(descriptor).flatMap((section) =>
    section.properties.map((property) => ({
      name: fullPropertyKey(section, property),
      exists: resolved.has(property),
      value: resolved.get(property)?.value ?? null,
      password: property.password,
      qualifiers: property.qualifiers ?? null,
      vendorQualifiers: property.vendorQualifiers ?? null,
      category: property.category ?? null,
      description: property.description ?? null,
      options: property.configurations ?? null,
      optionValues: [...property.valuesByConfiguration].map(([id, value]) => ({ option: id, value })),
    })),
  );
}

function packageReport({ path, opened }: { readonly path: string; readonly opened: OpenedPackage }) {
  const { reader, descriptor } = opened;
  const has = (extension: '.mf' | '.cert'): boolean =>
    reader.members.some(({ name }) => name === siblingName(reader.descriptorName, extension));
  return {
    path,
    kind: reader.kind,
    descriptor: reader.descriptorName,
    ovfVersion: descriptor.version,
    hasManifest: has('.mf'),
    hasCertificate: has('.cert'),
    size: reader.members.reduce((total, { size }) => total + size, 0),
    members: reader.members.map(({ name, size }) => ({ name, size })),
    missing: missingFiles(opened),
  };
}

interface ReportOptions {
  readonly path: string;
  readonly option?: string | undefined;
  /** Language of the texts; without it they are those in place, not those of message bundles. */
  readonly locale?: string | undefined;
}

/** Gathers the facts, figures under `option`; no body is read. @throws PackageError OPTION_UNKNOWN */
export function inspectReport(opened: OpenedPackage, { path, option, locale }: ReportOptions) {
  const descriptor = locale === undefined ? opened.descriptor : localizeDescriptor(opened.descriptor, locale);
  const { systems, properties, deploymentOptions, ...summary } = summarize(descriptor, { option });
  const resolved = resolveConfiguration(descriptor, { option });
  const nics = resolved.systems.flatMap((system) => system.nics);
  return {
    v: 1,
    package: packageReport({ path, opened }),
    option: resolved.option ?? null,
    ...summary,
    products: productReport(descriptor),
    annotation: descriptor.annotation ?? null,
    content: contentReport(descriptor.content),
    systems: merged(systems, resolved.systems.map(machineReport)),
    hardware: hardwareOf(descriptor, option),
    deploymentOptions: merged(
      deploymentOptions,
      descriptor.deploymentOptions.map(({ id, description = null }) => ({
        description,
        hardware: hardwareOf(descriptor, id),
      })),
    ),
    networkDetails: descriptor.networks.map(({ name, description }) => ({
      name,
      description: description ?? null,
      adapters: nics.filter(({ network }) => network === name).length,
    })),
    properties: merged(properties, propertyReport(descriptor, option)),
    eulaTexts: eulasOf(descriptor).map(({ license }) => license),
    findings: opened.descriptor.findings,
  };
}

/** Everything `inspect` knows of a package: the facts of `summarize`, and what only looking at the package tells. */
export type InspectReport = ReturnType<typeof inspectReport>;
