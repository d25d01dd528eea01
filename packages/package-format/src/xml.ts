import { SaxesParser, type SaxesTagNS } from 'saxes';
import { PackageError, type PackageErrorCode } from './errors.ts';
import { decodeDocument } from './xml-decode.ts';
import type { XmlAttribute, XmlElement, XmlNamespace, XmlNode, XmlPosition, XmlRemark } from './xml-tree.ts';

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
  /** The document as it was read, with its byte order mark if it had one in UTF-8; offsets count in it. */
  readonly text: string;
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
/** What the namespace of a prefix that nobody declares begins with. */
const undeclaredNamespace = 'urn:undeclared:';

interface MutableElement extends XmlElement {
  readonly children: XmlNode[];
  end: number;
}

/** Turns offsets into lines and columns; a byte order mark takes no column. */
function createLocator(text: string): (offset: number) => XmlPosition {
  const starts = [text.startsWith('\uFEFF') ? 1 : 0];
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

const noNamespaces: readonly XmlNamespace[] = [];

function toNamespaces({ ns }: SaxesTagNS): readonly XmlNamespace[] {
  const declared = Object.entries(ns);
  return declared.length === 0 ? noNamespaces : declared.map(([prefix, namespace]) => ({ prefix, namespace }));
}

function toAttributes(tag: SaxesTagNS): readonly XmlAttribute[] {
  const attributes: XmlAttribute[] = [];
  for (const { prefix, local, uri, value } of Object.values(tag.attributes)) {
    if (prefix !== 'xmlns' && local !== 'xmlns') attributes.push({ prefix, name: local, namespace: uri, value });
  }
  return attributes;
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
  const { text, falseEncoding } = typeof source === 'string' ? { text: source } : decodeDocument(source, file);
  return { ...buildTree({ text, file, limits }), text, falseEncoding };
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
  nodes: number;
}

type NamespaceParser = SaxesParser<{ xmlns: true; position: false; resolvePrefix: (prefix: string) => string }>;

interface Building extends BuildInput {
  readonly parser: NamespaceParser;
  readonly state: BuildState;
}

/** Elements count, and what takes as much memory as they do. */
function countNode({ state, limits }: Building): void {
  state.nodes += 1;
  if (state.nodes > limits.elements) state.fail('XML_LIMIT', `The document has more than ${limits.elements} elements`);
}

/** No attribute can hold a `<`, so that the last one before the end of a start tag begins it. */
function startOfTag({ parser, text }: Building): number {
  return Math.max(0, text.lastIndexOf('<', parser.position - 1));
}

function openElement(building: Building, tag: SaxesTagNS): void {
  const { state, limits } = building;
  countNode(building);
  if (state.open.length >= limits.depth)
    state.fail('XML_LIMIT', `The document is nested more than ${limits.depth} levels deep`);
  const attributes = toAttributes(tag);
  if (attributes.length > limits.attributes)
    state.fail('XML_LIMIT', `An element has more than ${limits.attributes} attributes`);
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
    position: state.locate(startOfTag(building)),
    end: 0,
  };
  state.open.at(-1)?.children.push(element);
  state.root ??= element;
  state.open.push(element);
}

function keepRemark(building: Building, remark: XmlRemark): void {
  countNode(building);
  const { root, open, prolog, epilog } = building.state;
  const parent = open.at(-1)?.children ?? (root === undefined ? prolog : epilog);
  parent.push(remark);
}

/**
 * A seventh handler would turn the parser, which keeps them as properties of its own, into a dictionary and make it four
 * times slower. So those for what is rare are set only where it occurs.
 */
function handle(building: Building): void {
  const { parser, state, text } = building;
  const add = (content: string): void => {
    state.open.at(-1)?.children.push({ kind: 'text', text: content });
  };
  parser.on('error', (error) => state.fail('XML_INVALID', `The document is not well-formed: ${error.message}`));
  parser.on('opentag', (tag) => openElement(building, tag));
  parser.on('closetag', () => {
    const element = state.open.pop();
    if (element !== undefined) element.end = parser.position;
  });
  parser.on('text', add);
  parser.on('comment', (content) => keepRemark(building, { kind: 'comment', text: content }));
  parser.on('cdata', (content) => {
    countNode(building);
    state.open.at(-1)?.children.push({ kind: 'text', text: content, isCdata: true });
  });
  if (text.includes('<!DOCTYPE'))
    parser.on('doctype', () => state.fail('XML_FORBIDDEN', 'The document has a DOCTYPE, which is not allowed'));
  if (text.lastIndexOf('<?') > 1)
    parser.on('processinginstruction', ({ target, body }) =>
      keepRemark(building, { kind: 'instruction', target, text: body }),
    );
}

function buildTree(input: BuildInput): Omit<XmlDocument, 'text' | 'falseEncoding'> {
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
    nodes: 0,
  };
  const resolvePrefix = (prefix: string) => {
    if (prefix === '') return '';
    if (!state.undeclared.has(prefix)) state.undeclared.set(prefix, locate(startOfTag(building)));
    return `${undeclaredNamespace}${prefix}`;
  };
  const parser: NamespaceParser = new SaxesParser({ xmlns: true, position: false, resolvePrefix });
  const building: Building = { ...input, parser, state };
  handle(building);
  parser.write(text).close();
  if (state.root === undefined) return fail('XML_INVALID', 'The document has no element');
  return {
    root: state.root,
    prolog: state.prolog,
    epilog: state.epilog,
    undeclaredPrefixes: [...state.undeclared].map(([prefix, position]) => ({ prefix, ...position })),
  };
}
