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

function renamed(element: XmlElement, names: ReadonlyMap<string, string>): XmlElement {
  const isNetwork = element.name === 'Network';
  const attributes = isNetwork
    ? element.attributes.map((each) =>
        each.name === 'name' ? { ...each, value: names.get(each.value) ?? each.value } : each,
      )
    : element.attributes;
  const children = element.children.map((child) => {
    if (child.kind === 'text')
      return element.name === 'Connection' ? { ...child, text: named(child.text, names) } : child;
    if (child.kind !== 'element') return child;
    return isNetwork && child.name === 'Description' ? described(child, names) : renamed(child, names);
  });
  return { ...element, attributes, children };
}

/** `The dvportgroup-12 network` is what vCenter writes there. */
const described = (description: XmlElement, names: ReadonlyMap<string, string>): XmlElement => ({
  ...description,
  children: description.children.map((child) =>
    child.kind === 'text' ? { ...child, text: child.text.replaceAll(/[\w-]+/g, (word) => named(word, names)) } : child,
  ),
});

const named = (text: string, names: ReadonlyMap<string, string>): string => names.get(text.trim()) ?? text;
