import {
  type Descriptor,
  eulasOf,
  nameProblem,
  piecesOf,
  productsOf,
  resolveConfiguration,
  siblingName,
  summarize,
} from '@ovfkit/package-format';
import type { OpenedPackage } from './package.ts';

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

/** What each deployment option implies, all systems together. Sizes are bytes. */
function optionHardware(descriptor: Descriptor) {
  return descriptor.deploymentOptions.map(({ id }) => {
    const { systems, files } = resolveConfiguration(descriptor, { option: id });
    const disks = systems.flatMap((system) => system.disks);
    return {
      id,
      systems: systems.length,
      cpus: sum(systems.map(({ cpus }) => cpus)),
      memoryBytes: sum(systems.map(({ memory }) => memory)),
      disks: disks.length,
      capacityBytes: sum(disks.map(({ capacity }) => capacity)),
      nics: systems.reduce((count, { nics }) => count + nics.length, 0),
      transferBytes: sum(files.map(({ size }) => size)),
    };
  });
}

/** Gathers the facts, figures under `option`; no body is read. */
export function inspectReport(
  opened: OpenedPackage,
  { path, option }: { readonly path: string; readonly option?: string | undefined },
) {
  const { reader, descriptor } = opened;
  const has = (extension: '.mf' | '.cert'): boolean =>
    reader.members.some(({ name }) => name === siblingName(reader.descriptorName, extension));
  return {
    ...summarize(descriptor, { option }),
    package: {
      path,
      kind: reader.kind,
      descriptor: reader.descriptorName,
      ovfVersion: descriptor.version,
      hasManifest: has('.mf'),
      hasCertificate: has('.cert'),
      members: reader.members.map(({ name, size }) => ({ name, size })),
      missing: missingFiles(opened),
    },
    option: option ?? descriptor.deploymentOptions.find(({ isDefault }) => isDefault)?.id ?? null,
    optionHardware: optionHardware(descriptor),
    products: productsOf(descriptor)
      .filter(({ product, vendor, version }) => product ?? vendor ?? version)
      .map(({ product, vendor, version, fullVersion, productUrl, vendorUrl }) => ({
        product,
        vendor,
        version,
        fullVersion,
        productUrl,
        vendorUrl,
      })),
    propertyKeys: productsOf(descriptor).flatMap((section) =>
      section.properties.map(({ key }) =>
        [section.class, key, section.instance].filter((part) => part !== undefined && part !== '').join('.'),
      ),
    ),
    eulaTexts: eulasOf(descriptor).map(({ license }) => license),
    findings: descriptor.findings,
  };
}

/** Everything `inspect` knows of a package: the facts of `summarize`, and what only looking at the package tells. */
export type InspectReport = ReturnType<typeof inspectReport>;
