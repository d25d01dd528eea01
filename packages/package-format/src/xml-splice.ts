// <Disk ovf:capacity='8'      an edit of the capacity changes the 8, and keeps the quotes, the line break
//       ovf:diskId='d' />     and the blank before the slash
import type { XmlDocument } from './xml.ts';
import { elementsOf, type XmlAttribute, type XmlElement, type XmlNode, type XmlPosition } from './xml-tree.ts';
import { escapeAttribute, type Layout, qualified, type Scope, writeElement, writeNode } from './xml-write.ts';

/** A document as it was read, and where its nodes stand in it. */
interface Source {
  readonly text: string;
  /** An edited copy of an element keeps the object that says where it stood. */
  readonly elements: ReadonlyMap<XmlPosition, XmlElement>;
  /** Text and remarks of the elements whose children were looked at. */
  readonly slices: Map<XmlNode, string>;
}

interface AttributeText {
  readonly before: string;
  readonly name: string;
  readonly equals: string;
  readonly value: string;
}

interface StartTag {
  readonly open: string;
  readonly attributes: readonly AttributeText[];
  /** `>` or `/>`, with the white space before it. */
  readonly close: string;
  /** The offset behind it. */
  readonly end: number;
}

/** The text is well-formed, so that a start tag at `offset` has these parts and no others. */
function readStartTag(text: string, offset: number): StartTag {
  let end = offset;
  const take = (pattern: RegExp): readonly string[] | undefined => {
    pattern.lastIndex = end;
    const found = pattern.exec(text);
    if (found === null) return undefined;
    end = pattern.lastIndex;
    return found;
  };
  const [open = ''] = take(/<[^\s/>]+/y) ?? [];
  const attributes: AttributeText[] = [];
  for (;;) {
    const found = take(/(\s+)([^\s=/>]+)(\s*=\s*)("[^"]*"|'[^']*')/y);
    if (found === undefined) break;
    const [, before = '', name = '', equals = '', value = ''] = found;
    attributes.push({ before, name, equals, value });
  }
  const [close = '>'] = take(/\s*\/?>/y) ?? [];
  return { open, attributes, close, end };
}

const nameOf = ({ prefix, name }: XmlAttribute): string => qualified(prefix, name);

/** A prefix that stands for the namespace of an attribute in `scope`, or one that nobody uses. */
function prefixFor({ prefix, namespace }: XmlAttribute, scope: Scope): string {
  if (prefix !== '' && scope.get(prefix) === namespace) return prefix;
  const bound = [...scope].find(([each, own]) => each !== '' && own === namespace)?.[0];
  if (bound !== undefined) return bound;
  let free = prefix === '' ? 'ns1' : prefix;
  for (let n = 1; scope.has(free); n += 1) free = `ns${n}`;
  return free;
}

/** Attributes that are new on an element, each under a prefix that stands for its namespace. */
function writeNewAttributes(attributes: readonly XmlAttribute[], outer: Scope): string {
  const scope = new Map(outer);
  const parts = attributes.map((attribute) => {
    const { name, namespace, value } = attribute;
    if (namespace === '') return ` ${name}="${escapeAttribute(value)}"`;
    const prefix = prefixFor(attribute, scope);
    const declaration = scope.has(prefix) ? '' : ` xmlns:${prefix}="${escapeAttribute(namespace)}"`;
    scope.set(prefix, namespace);
    return `${declaration} ${qualified(prefix, name)}="${escapeAttribute(value)}"`;
  });
  return parts.join('');
}

/** The attributes in their order, each as it stood unless it has another value now. */
function writeAttributes(
  tag: StartTag,
  { before, after, scope }: { readonly before: XmlElement; readonly after: XmlElement; readonly scope: Scope },
): string {
  const old = new Map(before.attributes.map((attribute) => [nameOf(attribute), attribute]));
  const now = new Map(after.attributes.map((attribute) => [nameOf(attribute), attribute]));
  const kept = tag.attributes.map(({ before: space, name, equals, value }) => {
    const attribute = now.get(name);
    // what is no attribute of the tree declares a namespace
    if (!old.has(name) || attribute?.value === old.get(name)?.value) return `${space}${name}${equals}${value}`;
    if (attribute === undefined) return '';
    const quote = value.slice(0, 1);
    return `${space}${name}${equals}${quote}${escapeAttribute(attribute.value, quote)}${quote}`;
  });
  const added = after.attributes.filter((attribute) => !old.has(nameOf(attribute)));
  return `${kept.join('')}${writeNewAttributes(added, scope)}`;
}

/** Notes how the text and the remarks of an element stand in the document. */
function sliceChildren({ text, slices }: Source, { element, start, end }: SliceInput): void {
  let at = start;
  let between: XmlNode[] = [];
  const note = (until: number) => {
    const pieces = text.slice(at, until).match(/<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|[^<]+/gs) ?? [];
    for (const [index, node] of between.entries()) {
      const piece = pieces[index];
      if (piece !== undefined && pieces.length === between.length) slices.set(node, piece);
    }
    between = [];
  };
  for (const child of element.children) {
    if (child.kind !== 'element') {
      between.push(child);
      continue;
    }
    note(child.position.offset);
    at = child.end ?? at;
  }
  note(end);
}

interface SliceInput {
  readonly element: XmlElement;
  readonly start: number;
  readonly end: number;
}

/** Where the lines of a new element begin, by the white space in front of it; none when it stands within a line. */
function layoutAfter(text: string): Layout | undefined {
  const [, newline, indent] = /(\r?\n)([ \t]*)$/.exec(text) ?? [];
  return newline === undefined || indent === undefined ? undefined : { newline, indent };
}

function writeChildren(source: Source, { children, scope }: { children: readonly XmlNode[]; scope: Scope }): string {
  const parts: string[] = [];
  for (const child of children) {
    const layout = layoutAfter(parts.at(-1) ?? '');
    parts.push(
      child.kind === 'element'
        ? spliceElement(source, { element: child, scope, layout })
        : (source.slices.get(child) ?? writeNode(child, { scope, layout })),
    );
  }
  return parts.join('');
}

function spliceElement(
  source: Source,
  {
    element,
    scope,
    layout,
  }: { readonly element: XmlElement; readonly scope: Scope; readonly layout: Layout | undefined },
): string {
  const before = source.elements.get(element.position);
  if (before?.end === undefined || before.name !== element.name) return writeElement(element, { scope, layout });
  const { text } = source;
  if (before === element) return text.slice(before.position.offset, before.end);
  const tag = readStartTag(text, before.position.offset);
  const inner = new Map([...scope, ...before.namespaces.map((own) => [own.prefix, own.namespace] as const)]);
  const head = `${tag.open}${writeAttributes(tag, { before, after: element, scope: inner })}`;
  const isEmpty = tag.close.endsWith('/>');
  if (isEmpty && element.children.length === 0) return `${head}${tag.close}`;
  const end = isEmpty ? tag.end : text.lastIndexOf('</', before.end - 1);
  sliceChildren(source, { element: before, start: tag.end, end });
  const children = writeChildren(source, { children: element.children, scope: inner });
  if (isEmpty) return `${head}>${children}</${tag.open.slice(1)}>`;
  return `${head}${tag.close}${children}${text.slice(end, before.end)}`;
}

function elementsBelow(root: XmlElement): ReadonlyMap<XmlPosition, XmlElement> {
  const found = new Map<XmlPosition, XmlElement>();
  const visit = (element: XmlElement): void => {
    found.set(element.position, element);
    for (const child of elementsOf(element)) visit(child);
  };
  visit(root);
  return found;
}

/** Texts are written in UTF-8, and a declaration of another encoding would lie. */
function declareUtf8(prolog: string): string {
  return prolog.replace(
    /^(\uFEFF?<\?xml\s[^>]*?encoding\s*=\s*["'])([\w.-]+)/,
    (whole, head: string, encoding: string) => (/^utf-?8$/i.test(encoding) ? whole : `${head}UTF-8`),
  );
}

/**
 * The document with `edited` in place of its root. What is the same element is the same text, to the byte; of one that
 * was changed, what did not change is. An encoding that is not UTF-8 is declared as that.
 * @throws PackageError VALUE_INVALID for text that XML cannot hold
 */
export function spliceXml({ text, root }: Pick<XmlDocument, 'text' | 'root'>, edited: XmlElement): string {
  const start = root.position.offset;
  const source: Source = { text, elements: elementsBelow(root), slices: new Map() };
  const middle = spliceElement(source, { element: edited, scope: new Map(), layout: undefined });
  return `${declareUtf8(text.slice(0, start))}${middle}${text.slice(root.end ?? start)}`;
}
