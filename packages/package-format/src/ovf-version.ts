import { PackageError } from './errors.ts';
import type { Report } from './finding.ts';
import type { ReadContext } from './ovf-element.ts';
import type { OvfVersion } from './ovf-types.ts';
import { elementsOf, type XmlElement } from './xml.ts';

const versions: ReadonlyMap<string, OvfVersion> = new Map([
  ['http://schemas.dmtf.org/ovf/envelope/1', '1.0'],
  ['http://schemas.dmtf.org/ovf/envelope/2', '2.0'],
  ['http://www.vmware.com/schema/ovf/1/envelope', '0.9'],
  ['http://schemas.dmtf.org/ovf/envelope', 'draft'],
  ['http://schemas.dmtf.org/ovf/envelope/1/', 'ovirt'],
]);

function versionOf(root: XmlElement, file: string | undefined): OvfVersion {
  const place = { file, ...root.position };
  if (root.name !== 'Envelope')
    throw new PackageError('DESCRIPTOR_INVALID', `The root element is ${root.name}, not an OVF Envelope`, place);
  const version = versions.get(root.namespace);
  if (version !== undefined) return version;
  const what = root.namespace === '' ? 'is in no namespace' : `is in the unknown namespace ${root.namespace}`;
  throw new PackageError('DESCRIPTOR_NAMESPACE', `The Envelope ${what}`, place);
}

/** Dialects and transitional documents leave the children of the root in no namespace. */
function namespacesOf(root: XmlElement, version: OvfVersion): ReadonlySet<string> {
  const own = elementsOf(root).some((child) => child.namespace === root.namespace);
  const loose = version === 'ovirt' || version === 'draft' || version === '0.9' || !own;
  return new Set(loose ? [root.namespace, ''] : [root.namespace]);
}

/**
 * How the document below `root` has to be read. The first of its namespaces is the envelope's.
 * @throws PackageError DESCRIPTOR_INVALID, DESCRIPTOR_NAMESPACE when the root is no envelope, or of a namespace nobody defined
 */
export function contextOf(
  root: XmlElement,
  { file, report }: { readonly file?: string | undefined; readonly report: Report },
): ReadContext {
  const version = versionOf(root, file);
  return { version, namespaces: namespacesOf(root, version), report };
}
