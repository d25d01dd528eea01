import { eulasOf, nameProblem, piecesOf, productsOf, siblingName, summarize } from '@ovfkit/package-format';
import type { OpenedPackage } from './package.ts';

/** What is missing is told by looking at names and sizes; nothing is read. */
function missingFiles({ reader, descriptor }: OpenedPackage): readonly string[] {
  return descriptor.files
    .filter((file) => nameProblem(file.href) === undefined && piecesOf(reader, file).length === 0)
    .map(({ href }) => href);
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
