import { PackageError } from './errors.ts';
import type { XmlAttribute, XmlDocument, XmlElement, XmlNamespace, XmlRemark } from './xml.ts';

/** Prefixes in scope, with the namespaces they stand for. */
type Scope = ReadonlyMap<string, string>;

const xmlNamespace = 'http://www.w3.org/XML/1998/namespace';
const unwritable = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

function checkText(text: string): string {
  const match = unwritable.exec(text);
  if (match === null) return text;
  throw new PackageError(
    'VALUE_INVALID',
    `XML cannot hold the character U+${(match[0].codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}

function escapeText(text: string): string {
  // a bare CR would be read back as LF
  return checkText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;');
}

function escapeAttribute(text: string): string {
  // readers turn bare white space in attributes into spaces
  return escapeText(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
}

function qualified(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}:${name}`;
}

/** What this element has to declare beyond what it says it declares, given what is in scope. */
function missingNamespaces(element: XmlElement, scope: Scope): readonly XmlNamespace[] {
  const missing = new Map<string, string>();
  const need = ({ prefix, namespace }: XmlNamespace) => {
    const bound = missing.get(prefix) ?? scope.get(prefix) ?? '';
    if (namespace !== xmlNamespace && bound !== namespace) missing.set(prefix, namespace);
  };
  need(element);
  for (const attribute of element.attributes) if (attribute.namespace !== '') need(attribute);
  return [...missing].map(([prefix, namespace]) => ({ prefix, namespace }));
}

/** Attributes need a prefix for their namespace, and one prefix cannot mean two things on one element. */
function withUsablePrefixes(element: XmlElement): XmlElement {
  const taken = new Map<string, string>([
    [element.prefix, element.namespace],
    ...element.namespaces.map((n) => [n.prefix, n.namespace] as const),
  ]);
  taken.set(element.prefix, element.namespace);
  const attributes = element.attributes.map((attribute): XmlAttribute => {
    if (attribute.namespace === '' || attribute.namespace === xmlNamespace) return attribute;
    let prefix = attribute.prefix === '' ? 'ns1' : attribute.prefix;
    for (let n = 1; (taken.get(prefix) ?? attribute.namespace) !== attribute.namespace; n += 1) prefix = `ns${n}`;
    taken.set(prefix, attribute.namespace);
    return { ...attribute, prefix };
  });
  const namespaces = element.namespaces.filter((n) => taken.get(n.prefix) === n.namespace);
  return { ...element, attributes, namespaces };
}

function writeElement(
  source: XmlElement,
  { scope, indent }: { readonly scope: Scope; readonly indent: string },
): string {
  const element = withUsablePrefixes(source);
  const own = element.namespaces.filter(({ prefix, namespace }) => scope.get(prefix) !== namespace);
  const declaredScope = new Map([...scope, ...own.map((n) => [n.prefix, n.namespace] as const)]);
  const missing = missingNamespaces(element, declaredScope);
  const inner = new Map([...declaredScope, ...missing.map((n) => [n.prefix, n.namespace] as const)]);
  const declarations = [...own, ...missing].map(
    ({ prefix, namespace }) => ` ${qualified('xmlns', prefix).replace(/:$/, '')}="${escapeAttribute(namespace)}"`,
  );
  const attributes = element.attributes.map(
    ({ prefix, namespace, name, value }) =>
      ` ${qualified(namespace === '' ? '' : prefix, name)}="${escapeAttribute(value)}"`,
  );
  const name = qualified(element.prefix, element.name);
  const head = `<${name}${declarations.join('')}${attributes.join('')}`;
  if (element.children.length === 0) return `${head}/>`;
  return `${head}>${writeChildren(element, { scope: inner, indent })}</${name}>`;
}

function writeRemark(remark: XmlRemark): string {
  const text = checkText(remark.text);
  const isComment = remark.kind === 'comment';
  if (isComment ? /--|-$/.test(text) : text.includes('?>'))
    throw new PackageError('VALUE_INVALID', `A remark of XML cannot hold ${JSON.stringify(text.slice(0, 80))}`);
  if (isComment) return `<!--${text}-->`;
  return `<?${remark.target}${text === '' ? '' : ' '}${text}?>`;
}

/** A carriage return would not survive in a CDATA section, and its end cannot stand in it. */
function writeText(text: string, { isCdata }: { readonly isCdata: boolean }): string {
  if (!isCdata || text.includes('\r')) return escapeText(text);
  return `<![CDATA[${checkText(text).replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
}

function writeChildren(
  { children, position }: XmlElement,
  { scope, indent }: { readonly scope: Scope; readonly indent: string },
): string {
  // what was read has its lines already; among new elements, text may matter, so only children without any get lines
  const pretty = position.line === 0 && children.every((child) => child.kind !== 'text');
  const deeper = `${indent}  `;
  const parts = children.map((child) => {
    if (child.kind === 'text') return writeText(child.text, { isCdata: child.isCdata ?? false });
    return child.kind === 'element' ? writeElement(child, { scope, indent: deeper }) : writeRemark(child);
  });
  return pretty ? `${parts.map((part) => `\n${deeper}${part}`).join('')}\n${indent}` : parts.join('');
}

/**
 * A UTF-8 document. Prefixes, comments, CDATA and white space are kept; declarations that are missing are added where
 * they are needed.
 * @throws PackageError VALUE_INVALID for a character XML cannot hold, or a comment with `--` in it
 */
export function writeXmlDocument({ root, prolog, epilog }: Pick<XmlDocument, 'root' | 'prolog' | 'epilog'>): string {
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    ...prolog.map(writeRemark),
    writeElement(root, { scope: new Map(), indent: '' }),
    ...epilog.map(writeRemark),
  ];
  return `${lines.join('\n')}\n`;
}

/** As {@link writeXmlDocument}, for a tree that stands alone. */
export function writeXml(root: XmlElement): string {
  return writeXmlDocument({ root, prolog: [], epilog: [] });
}
