import { createReport, type Report } from './finding.ts';
import { checkDescriptor } from './ovf-check.ts';
import { readContents } from './ovf-content.ts';
import { children, isOvf, kindOf, type ReadContext } from './ovf-element.ts';
import { readBundles, readDisks, readFiles, readNetworks, readOptions } from './ovf-envelope.ts';
import { readSections } from './ovf-section.ts';
import type { Descriptor } from './ovf-types.ts';
import { contextOf } from './ovf-version.ts';
import { readXml, type XmlDocument } from './xml.ts';
import { elementsOf, type XmlElement } from './xml-tree.ts';

/** `lax` turns what many writers get wrong, and importers forgive, from errors into warnings. */
export interface ReadDescriptorOptions {
  /** Named in errors and findings. */
  readonly file?: string | undefined;
  readonly lax?: boolean | undefined;
}

function reportDocument({ document, context }: { document: XmlDocument; context: ReadContext }): void {
  const { report, version } = context;
  const { root, undeclaredPrefixes, falseEncoding } = document;
  for (const { prefix, ...position } of undeclaredPrefixes)
    report('PREFIX_UNDECLARED', `The prefix ${prefix} is not declared`, { position });
  if (falseEncoding !== undefined) {
    report('ENCODING_FALSE', `The declaration says ${falseEncoding}, the bytes are UTF-8`, { position: root.position });
  }
  if (root.namespace === '')
    report('NAMESPACE_MISSING', 'The Envelope has lost its namespace', { position: root.position });
  if (version !== '1.0' && version !== '2.0')
    report('DIALECT', `This is a descriptor of the dialect ${version}`, { position: root.position });
}

function findSections({
  root,
  context,
  kind,
}: {
  root: XmlElement;
  context: ReadContext;
  kind: string;
}): readonly XmlElement[] {
  return elementsOf(root).filter((child) => isOvf(context, child) && kindOf(child) === kind);
}

function reportRepeats({ root, context, report }: { root: XmlElement; context: ReadContext; report: Report }): void {
  for (const kind of ['DiskSection', 'NetworkSection', 'DeploymentOptionSection']) {
    const second = findSections({ root, context, kind })[1];
    if (second !== undefined)
      report('SECTION_DUPLICATE', `There is more than one ${kind}`, { position: second.position });
  }
}

/** What holds texts for people: all but files, disks and the messages themselves. */
export function readTexts(context: ReadContext, root: XmlElement) {
  return {
    networks: readNetworks(context, findSections({ root, context, kind: 'NetworkSection' })),
    deploymentOptions: readOptions(context, findSections({ root, context, kind: 'DeploymentOptionSection' })),
    content: readContents(context, root),
    ...readSections(context, root),
  };
}

/**
 * Reads a descriptor of any OVF version and dialect. Faults do not stop it: they are in `findings`, all of them.
 * @throws PackageError when it cannot be read at all: XML_*, ENCODING_INVALID, TOO_LARGE, DESCRIPTOR_INVALID, DESCRIPTOR_NAMESPACE
 */
export function readDescriptor(
  source: string | Uint8Array,
  { file, lax = false }: ReadDescriptorOptions = {},
): Descriptor {
  const document = readXml(source, { file });
  const { root, text } = document;
  const { findings, report } = createReport({ file: file ?? '', severity: lax ? 'lax' : 'strict' });
  const context = contextOf(root, { file, lax, report });
  reportDocument({ document, context });
  reportRepeats({ root, context, report });

  const sectionsOf = (kind: string) => findSections({ root, context, kind });
  const references = children(context, root, 'References');
  const files = readFiles(context, references);
  const disks = readDisks(context, {
    sections: [...sectionsOf('DiskSection'), ...sectionsOf('SharedDiskSection')],
    files,
  });
  const descriptor: Omit<Descriptor, 'findings'> = {
    version: context.version,
    files: files.map(({ value }) => value),
    disks: disks.map(({ value }) => value),
    bundles: readBundles(context, root),
    ...readTexts(context, root),
    root,
    text,
  };
  checkDescriptor({ context, descriptor, files, disks });
  return { ...descriptor, findings: findings.toSorted((a, b) => a.line - b.line || a.column - b.column) };
}
