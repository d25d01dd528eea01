import { SaxesParser, type SaxesTagNS } from 'saxes';
import { PackageError, type PackageErrorCode } from './errors.ts';

/** Where something stands: `offset` in UTF-16 units of the text, `line` and `column` from 1. */
export interface XmlPosition {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

/** `namespace` is empty for an attribute without a prefix. */
export interface XmlAttribute {
  readonly prefix: string;
  readonly name: string;
  readonly namespace: string;
  readonly value: string;
}

/** A namespace declared on an element; an empty prefix is the default one. */
export interface XmlNamespace {
  readonly prefix: string;
  readonly namespace: string;
}

/** `name` is the local name. */
export interface XmlElement {
  readonly kind: 'element';
  readonly prefix: string;
  readonly name: string;
  readonly namespace: string;
  readonly attributes: readonly XmlAttribute[];
  readonly namespaces: readonly XmlNamespace[];
  readonly children: readonly XmlNode[];
  readonly position: XmlPosition;
}

/** Character data, CDATA included, entities resolved. */
export interface XmlText {
  readonly kind: 'text';
  readonly text: string;
}

/** A child of an element. Comments and processing instructions are not kept. */
export type XmlNode = XmlElement | XmlText;

/** What a document may not exceed. `textSize` counts UTF-16 units of the whole document. */
export interface XmlLimits {
  readonly depth: number;
  readonly elements: number;
  readonly attributes: number;
  readonly textSize: number;
}

/** A parsed document and what had to be forgiven to parse it. */
export interface XmlDocument {
  readonly root: XmlElement;
  /** Prefixes that no declaration binds, with the first place of each; they stand for `urn:undeclared:PREFIX`. */
  readonly undeclaredPrefixes: readonly (XmlPosition & { readonly prefix: string })[];
  /** Whether the declaration names an encoding that the bytes plainly do not have. */
  readonly falseEncoding?: string | undefined;
}

/** Defaults: far above any real descriptor, far below what would exhaust a process. */
export const defaultXmlLimits: XmlLimits = {
  depth: 100,
  elements: 100_000,
  attributes: 256,
  textSize: 16 * 1024 * 1024,
};

const xsi = 'http://www.w3.org/2001/XMLSchema-instance';

interface MutableElement extends XmlElement {
  readonly children: XmlNode[];
}

function decodeAs(bytes: Uint8Array, encoding: string, file: string | undefined): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new PackageError('ENCODING_INVALID', `The document is not ${encoding}, or that encoding is not known`, {
      file,
      cause,
    });
  }
}

/** Marks decide, then zero bytes, then the declaration, unless the bytes show that it lies. */
function decodeDocument(
  bytes: Uint8Array,
  file: string | undefined,
): { text: string; falseEncoding?: string | undefined } {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0))
    return { text: decodeAs(bytes, 'utf-16le', file) };
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c))
    return { text: decodeAs(bytes, 'utf-16be', file) };
  const head = String.fromCharCode(...bytes.subarray(0, 200));
  const declared = /^(?:\xef\xbb\xbf)?<\?xml[^>]*\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']/
    .exec(head)?.[1]
    ?.toLowerCase();
  // single bytes under a declaration of utf-16 or ucs-2: what .NET writes from a string
  if (declared !== undefined && /^(?:utf-?16|ucs-?2|iso-10646)/.test(declared)) {
    return { text: decodeAs(bytes, 'utf-8', file), falseEncoding: declared };
  }
  return { text: decodeAs(bytes, first === 0xef ? 'utf-8' : (declared ?? 'utf-8'), file) };
}

/** Turns offsets into lines and columns. */
function createLocator(text: string): (offset: number) => XmlPosition {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1, offset };
  };
}

function toNamespaces(tag: SaxesTagNS): XmlNamespace[] {
  return Object.entries(tag.ns).map(([prefix, namespace]) => ({ prefix, namespace }));
}

function toAttributes(tag: SaxesTagNS): XmlAttribute[] {
  return Object.values(tag.attributes)
    .filter(({ prefix, name }) => prefix !== 'xmlns' && name !== 'xmlns')
    .map(({ prefix, local, uri, value }) => ({ prefix, name: local, namespace: uri, value }));
}

/** `xsi:type` holds a name whose prefix must stay bound when the element is written elsewhere. */
function withTypeNamespace({
  namespaces,
  attributes,
  resolve,
}: {
  readonly namespaces: readonly XmlNamespace[];
  readonly attributes: readonly XmlAttribute[];
  readonly resolve: (prefix: string) => string | undefined;
}): readonly XmlNamespace[] {
  const type = attributes.find(({ namespace, name }) => namespace === xsi && name === 'type')?.value ?? '';
  const prefix = type.includes(':') ? type.slice(0, type.indexOf(':')).trim() : '';
  if (prefix === '' || namespaces.some((known) => known.prefix === prefix)) return namespaces;
  const namespace = resolve(prefix);
  return namespace === undefined ? namespaces : [...namespaces, { prefix, namespace }];
}

/**
 * Parses a document into a tree. `{ limits }` bounds depth, elements, attributes and size. A DOCTYPE is refused, so no
 * entities exist but XML's five.
 * @throws PackageError XML_INVALID, XML_FORBIDDEN, XML_LIMIT, ENCODING_INVALID, TOO_LARGE
 */
export function readXml(
  source: string | Uint8Array,
  { file, limits = defaultXmlLimits }: { readonly file?: string | undefined; readonly limits?: XmlLimits } = {},
): XmlDocument {
  if (source.length > limits.textSize)
    throw new PackageError('TOO_LARGE', `The document is larger than ${limits.textSize} allowed`, { file });
  const { text: decoded, falseEncoding } = typeof source === 'string' ? { text: source } : decodeDocument(source, file);
  const text = decoded.replace(/^\uFEFF/, '');
  return { ...buildTree({ text, file, limits }), falseEncoding };
}

interface BuildInput {
  readonly text: string;
  readonly file: string | undefined;
  readonly limits: XmlLimits;
}

/** What the parser's handlers share while one document is read. */
interface BuildState {
  readonly locate: (offset: number) => XmlPosition;
  readonly fail: (code: PackageErrorCode, message: string) => never;
  readonly undeclared: Map<string, XmlPosition>;
  readonly open: MutableElement[];
  root: MutableElement | undefined;
  /** Offset of the start tag being read. */
  start: number;
}

function openElement(state: BuildState, tag: SaxesTagNS): void {
  const attributes = toAttributes(tag);
  const resolve = (prefix: string) =>
    state.open
      .toReversed()
      .flatMap(({ namespaces }) => namespaces)
      .find((known) => known.prefix === prefix)?.namespace;
  const element: MutableElement = {
    kind: 'element',
    prefix: tag.prefix,
    name: tag.local,
    namespace: tag.uri,
    attributes,
    namespaces: withTypeNamespace({ namespaces: toNamespaces(tag), attributes, resolve }),
    children: [],
    position: state.locate(state.start),
  };
  state.open.at(-1)?.children.push(element);
  state.root ??= element;
  state.open.push(element);
}

type NamespaceParser = SaxesParser<{ xmlns: true; position: false; resolvePrefix: (prefix: string) => string }>;

function countElements(
  parser: NamespaceParser,
  { state, text, limits }: { readonly state: BuildState } & BuildInput,
): void {
  let elements = 0;
  let attributes = 0;
  parser.on('opentagstart', () => {
    state.start = Math.max(0, text.lastIndexOf('<', parser.position - 1));
    elements += 1;
    attributes = 0;
    if (state.open.length >= limits.depth)
      state.fail('XML_LIMIT', `The document is nested more than ${limits.depth} levels deep`);
    if (elements > limits.elements) state.fail('XML_LIMIT', `The document has more than ${limits.elements} elements`);
  });
  parser.on('attribute', () => {
    attributes += 1;
    if (attributes > limits.attributes)
      state.fail('XML_LIMIT', `An element has more than ${limits.attributes} attributes`);
  });
}

function buildTree(input: BuildInput): XmlDocument {
  const { text, file } = input;
  const locate = createLocator(text);
  const fail = (code: PackageErrorCode, message: string): never => {
    throw new PackageError(code, message, { file, ...locate(Math.max(0, Math.min(parser.position, text.length) - 1)) });
  };
  const state: BuildState = { locate, fail, undeclared: new Map(), open: [], root: undefined, start: 0 };
  const resolvePrefix = (prefix: string) => {
    if (prefix === '') return '';
    if (!state.undeclared.has(prefix)) state.undeclared.set(prefix, locate(state.start));
    return `urn:undeclared:${prefix}`;
  };
  const parser: NamespaceParser = new SaxesParser({ xmlns: true, position: false, resolvePrefix });
  const addText = (value: string): void => {
    state.open.at(-1)?.children.push({ kind: 'text', text: value });
  };
  countElements(parser, { state, ...input });
  parser.on('error', (error) => fail('XML_INVALID', `The document is not well-formed: ${error.message}`));
  parser.on('doctype', () => fail('XML_FORBIDDEN', 'The document has a DOCTYPE, which is not allowed'));
  parser.on('opentag', (tag) => openElement(state, tag));
  parser.on('closetag', () => {
    state.open.pop();
  });
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.write(text).close();
  if (state.root === undefined) return fail('XML_INVALID', 'The document has no element');
  return {
    root: state.root,
    undeclaredPrefixes: [...state.undeclared].map(([prefix, position]) => ({ prefix, ...position })),
  };
}

/** The child elements, in document order. */
export function elementsOf(element: XmlElement): readonly XmlElement[] {
  return element.children.filter((child) => child.kind === 'element');
}

/** All character data below the element, as it stands. */
export function textOf(element: XmlElement): string {
  return element.children.map((child) => (child.kind === 'text' ? child.text : textOf(child))).join('');
}
