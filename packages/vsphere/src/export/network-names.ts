import { readXml, writeXmlDocument, type XmlElement } from '@ovfkit/package-format';

/**
 * A descriptor with the names of networks where a server has written their identifiers, as some versions do with distributed ones:
 * `dvportgroup-12` says nothing anywhere else.
 */
export function withNetworkNames(descriptor: string, names: ReadonlyMap<string, string>): string {
  if (![...names.keys()].some((id) => descriptor.includes(id))) return descriptor;
  const document = readXml(descriptor);
  return writeXmlDocument({ ...document, root: renamed(document.root, names) });
}

const isConnection = ({ name }: XmlElement): boolean => name === 'Connection';
const isNetwork = ({ name }: XmlElement): boolean => name === 'Network';

function renamed(element: XmlElement, names: ReadonlyMap<string, string>): XmlElement {
  const attributes = isNetwork(element)
    ? element.attributes.map((each) =>
        each.name === 'name' ? { ...each, value: names.get(each.value) ?? each.value } : each,
      )
    : element.attributes;
  const children = element.children.map((child) => {
    if (child.kind === 'element') return renamed(child, names);
    if (child.kind !== 'text' || !isConnection(element)) return child;
    return { ...child, text: names.get(child.text.trim()) ?? child.text };
  });
  return { ...element, attributes, children };
}
