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
  /** Of its `<`. */
  readonly position: XmlPosition;
  /** The offset behind it; absent for an element that was not read. */
  readonly end?: number | undefined;
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
