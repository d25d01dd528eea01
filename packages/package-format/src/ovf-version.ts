import { PackageError } from './errors.ts';
import type { Report } from './finding.ts';
import type { ReadContext } from './ovf-element.ts';
import type { OvfVersion } from './ovf-types.ts';
import { elementsOf, type XmlElement } from './xml-tree.ts';

const envelope1 = 'http://schemas.dmtf.org/ovf/envelope/1';

const versions: ReadonlyMap<string, OvfVersion> = new Map([
  [envelope1, '1.0'],
  ['http://schemas.dmtf.org/ovf/envelope/2', '2.0'],
  ['http://www.vmware.com/schema/ovf/1/envelope', '0.9'],
  ['http://schemas.dmtf.org/ovf/envelope', 'draft'],
  ['http://schemas.dmtf.org/ovf/envelope/1/', 'ovirt'],
]);

/** The default namespace is gone, while the prefix for attributes is still declared: what careless tools leave. */
function hasLostNamespace({ namespace, namespaces }: XmlElement): boolean {
  return namespace === '' && namespaces.some((declared) => declared.namespace === envelope1);
}

interface Reading {
  readonly file?: string | undefined;
  readonly lax?: boolean | undefined;
}

function versionOf(root: XmlElement, { file, lax = false }: Reading): OvfVersion {
  const place = { file, ...root.position };
  if (root.name !== 'Envelope')
    throw new PackageError('DESCRIPTOR_INVALID', `The root element is ${root.name}, not an OVF Envelope`, place);
  const version = versions.get(root.namespace);
  if (version !== undefined) return version;
  if (lax && hasLostNamespace(root)) return '1.0';
  const what = root.namespace === '' ? 'is in no namespace' : `is in the unknown namespace ${root.namespace}`;
  throw new PackageError('DESCRIPTOR_NAMESPACE', `The Envelope ${what}`, place);
}

/** Dialects and transitional documents leave the children of the root in no namespace. */
function namespacesOf(root: XmlElement, version: OvfVersion): ReadonlySet<string> {
  if (root.namespace === '') return new Set([envelope1, '']);
  const own = elementsOf(root).some((child) => child.namespace === root.namespace);
  const loose = version === 'ovirt' || version === 'draft' || version === '0.9' || !own;
  return new Set(loose ? [root.namespace, ''] : [root.namespace]);
}

/**
 * How the document below `root` has to be read. The first of its namespaces is the envelope's.
 * With `lax`, an envelope that lost its namespace is read as 1.x.
 * @throws PackageError DESCRIPTOR_INVALID, DESCRIPTOR_NAMESPACE when the root is no envelope, or of a namespace nobody defined
 */
export function contextOf(
  root: XmlElement,
  { report, ...reading }: Reading & { readonly report: Report },
): ReadContext {
  const version = versionOf(root, reading);
  return { version, namespaces: namespacesOf(root, version), report };
}
