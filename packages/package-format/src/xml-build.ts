import type { XmlAttribute, XmlElement, XmlNamespace, XmlNode, XmlPosition } from './xml-tree.ts';

/** A namespace with the prefix it is written with. */
export type Vocabulary = XmlNamespace;

/** Attributes by name; undefined ones are left out. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

const nowhere: XmlPosition = { line: 0, column: 0, offset: 0 };

/** Attributes of one vocabulary, in the order given. */
export function attributesOf({ prefix, namespace }: Vocabulary, values: Attributes): readonly XmlAttribute[] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [{ prefix, namespace, name, value: String(value) }],
  );
}

/** An element made for writing, so its position means nothing. */
export function build(
  { prefix, namespace }: Vocabulary,
  name: string,
  {
    attributes = [],
    children = [],
    namespaces = [],
  }: {
    readonly attributes?: readonly XmlAttribute[];
    readonly children?: readonly XmlNode[];
    readonly namespaces?: readonly XmlNamespace[];
  },
): XmlElement {
  return { kind: 'element', prefix, namespace, name, attributes, namespaces, children, position: nowhere };
}
