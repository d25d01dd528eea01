import { PackageError } from './errors.ts';
import type { XmlDocument } from './xml.ts';
import type { XmlAttribute, XmlElement, XmlNamespace, XmlNode, XmlRemark } from './xml-tree.ts';

/** Prefixes in scope, with the namespaces they stand for. */
export type Scope = ReadonlyMap<string, string>;

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

/**
 * For an attribute between these quotes.
 * @throws PackageError VALUE_INVALID for text that XML cannot hold
 */
export function escapeAttribute(text: string, quote = '"'): string {
  // readers turn bare white space in attributes into spaces
  return escapeText(text)
    .replaceAll(quote, quote === '"' ? '&quot;' : '&apos;')
    .replaceAll('\n', '&#10;')
    .replaceAll('\t', '&#9;');
}

/** A name with its prefix, if it has one. */
export function qualified(prefix: string, name: string): string {
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

/** The line that new elements stand on: what ends the lines before it, and what it begins with. */
export interface Layout {
  readonly newline: string;
  readonly indent: string;
}

/** Where something is written; without a `layout`, within a line. */
interface Surroundings {
  readonly scope: Scope;
  readonly layout: Layout | undefined;
}

/**
 * An element of its own, with the declarations it needs in `scope`.
 * @throws PackageError VALUE_INVALID for text that XML cannot hold
 */
export function writeElement(source: XmlElement, { scope, layout }: Surroundings): string {
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
  return `${head}>${writeChildren(element, { scope: inner, layout })}</${name}>`;
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

/** What is no element, or an element as {@link writeElement} does it. */
export function writeNode(node: XmlNode, surroundings: Surroundings): string {
  if (node.kind === 'text') return writeText(node.text, { isCdata: node.isCdata ?? false });
  return node.kind === 'element' ? writeElement(node, surroundings) : writeRemark(node);
}

function writeChildren({ children, position }: XmlElement, { scope, layout }: Surroundings): string {
  // what was read has its lines already; among new elements, text may matter, so only children without any get lines
  const isPretty = layout !== undefined && position.line === 0 && children.every((child) => child.kind !== 'text');
  if (!isPretty) return children.map((child) => writeNode(child, { scope, layout })).join('');
  const { newline, indent } = layout;
  const deeper = `${indent}${indent.includes('\t') ? '\t' : '  '}`;
  const lines = children.map((child) => writeNode(child, { scope, layout: { newline, indent: deeper } }));
  return `${lines.map((line) => `${newline}${deeper}${line}`).join('')}${newline}${indent}`;
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
    writeElement(root, { scope: new Map(), layout: { newline: '\n', indent: '' } }),
    ...epilog.map(writeRemark),
  ];
  return `${lines.join('\n')}\n`;
}

/** As {@link writeXmlDocument}, for a tree that stands alone. */
export function writeXml(root: XmlElement): string {
  return writeXmlDocument({ root, prolog: [], epilog: [] });
}
