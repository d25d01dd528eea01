import { SaxesParser, type SaxesTagNS } from 'saxes';
import { PackageError, type PackageErrorCode } from './errors.ts';
import { decodeDocument } from './xml-decode.ts';

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

/** Character data, entities resolved. `isCdata` when it stood in a CDATA section, where it needed no escapes. */
export interface XmlText {
  readonly kind: 'text';
  readonly text: string;
  readonly isCdata?: true;
}

/** A comment, or a processing instruction (`<?target text?>`). They mean nothing here, and are kept for writing. */
export type XmlRemark =
  | { readonly kind: 'comment'; readonly text: string }
  | { readonly kind: 'instruction'; readonly target: string; readonly text: string };

/** A child of an element. */
export type XmlNode = XmlElement | XmlText | XmlRemark;

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
  /** What stands before the root, and after it. */
  readonly prolog: readonly XmlRemark[];
  readonly epilog: readonly XmlRemark[];
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
  readonly prolog: XmlRemark[];
  readonly epilog: XmlRemark[];
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

/** Handlers that bound what one document may hold; returns what counts one node more. */
function countElements(
  parser: NamespaceParser,
  { state, text, limits }: { readonly state: BuildState } & BuildInput,
): () => void {
  let nodes = 0;
  let attributes = 0;
  const countNode = () => {
    nodes += 1;
    if (nodes > limits.elements) state.fail('XML_LIMIT', `The document has more than ${limits.elements} elements`);
  };
  parser.on('opentagstart', () => {
    state.start = Math.max(0, text.lastIndexOf('<', parser.position - 1));
    attributes = 0;
    countNode();
    if (state.open.length >= limits.depth)
      state.fail('XML_LIMIT', `The document is nested more than ${limits.depth} levels deep`);
  });
  parser.on('attribute', () => {
    attributes += 1;
    if (attributes > limits.attributes)
      state.fail('XML_LIMIT', `An element has more than ${limits.attributes} attributes`);
  });
  return countNode;
}

function keepRemark(state: BuildState, remark: XmlRemark): void {
  const { root, open, prolog, epilog } = state;
  const parent = open.at(-1)?.children ?? (root === undefined ? prolog : epilog);
  parent.push(remark);
}

function handleContent(
  parser: NamespaceParser,
  { state, countNode }: { state: BuildState; countNode: () => void },
): void {
  const add = (text: XmlText): void => {
    state.open.at(-1)?.children.push(text);
  };
  parser.on('text', (text) => add({ kind: 'text', text }));
  parser.on('cdata', (text) => {
    countNode();
    add({ kind: 'text', text, isCdata: true });
  });
  // remarks take as much memory as elements
  parser.on('comment', (text) => {
    countNode();
    keepRemark(state, { kind: 'comment', text });
  });
  parser.on('processinginstruction', ({ target, body }) => {
    countNode();
    keepRemark(state, { kind: 'instruction', target, text: body });
  });
}

function buildTree(input: BuildInput): XmlDocument {
  const { text, file } = input;
  const locate = createLocator(text);
  const fail = (code: PackageErrorCode, message: string): never => {
    throw new PackageError(code, message, { file, ...locate(Math.max(0, Math.min(parser.position, text.length) - 1)) });
  };
  const state: BuildState = {
    locate,
    fail,
    undeclared: new Map(),
    open: [],
    root: undefined,
    prolog: [],
    epilog: [],
    start: 0,
  };
  const resolvePrefix = (prefix: string) => {
    if (prefix === '') return '';
    if (!state.undeclared.has(prefix)) state.undeclared.set(prefix, locate(state.start));
    return `urn:undeclared:${prefix}`;
  };
  const parser: NamespaceParser = new SaxesParser({ xmlns: true, position: false, resolvePrefix });
  const countNode = countElements(parser, { state, ...input });
  handleContent(parser, { state, countNode });
  parser.on('error', (error) => fail('XML_INVALID', `The document is not well-formed: ${error.message}`));
  parser.on('doctype', () => fail('XML_FORBIDDEN', 'The document has a DOCTYPE, which is not allowed'));
  parser.on('opentag', (tag) => openElement(state, tag));
  parser.on('closetag', () => {
    state.open.pop();
  });
  parser.write(text).close();
  if (state.root === undefined) return fail('XML_INVALID', 'The document has no element');
  return {
    root: state.root,
    prolog: state.prolog,
    epilog: state.epilog,
    undeclaredPrefixes: [...state.undeclared].map(([prefix, position]) => ({ prefix, ...position })),
  };
}

/** The child elements, in document order. */
export function elementsOf(element: XmlElement): readonly XmlElement[] {
  return element.children.filter((child) => child.kind === 'element');
}

/** All character data below the element, as it stands. */
export function textOf(element: XmlElement): string {
  const ofChild = (child: XmlNode): string => {
    if (child.kind === 'element') return textOf(child);
    return child.kind === 'text' ? child.text : '';
  };
  return element.children.map(ofChild).join('');
}
