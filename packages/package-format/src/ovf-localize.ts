import { messageOf } from './message-bundle.ts';
import { attribute, type ReadContext } from './ovf-element.ts';
import { readTexts } from './ovf-read.ts';
import type { Descriptor } from './ovf-types.ts';
import { contextOf } from './ovf-version.ts';
import type { XmlElement } from './xml-tree.ts';

/** The tree with the text of every message in place. The bundles themselves stay as they are. */
function translate(
  element: XmlElement,
  { context, textOf }: { readonly context: ReadContext; readonly textOf: (msgid: string) => string | undefined },
): XmlElement {
  if (element.name === 'Strings') return element;
  const msgid = attribute(context, element, 'msgid');
  const text = msgid === undefined ? undefined : textOf(msgid);
  if (text !== undefined) return { ...element, children: [{ kind: 'text', text }] };
  const children = element.children.map((child) =>
    child.kind === 'element' ? translate(child, { context, textOf }) : child,
  );
  return { ...element, children };
}

/**
 * The descriptor with every text in the closest locale of the same language (see {@link messageOf}); where no bundle
 * has it, the text in place stays. `root` stays as it was read, so that edits do not write translations.
 */
export function localizeDescriptor(descriptor: Descriptor, locale: string): Descriptor {
  const context = contextOf(descriptor.root, { lax: true, report: () => {} });
  const root = translate(descriptor.root, { context, textOf: (msgid) => messageOf(descriptor, msgid, locale) });
  return { ...descriptor, ...readTexts(context, root) };
}
