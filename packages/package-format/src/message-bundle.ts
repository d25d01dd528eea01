// <Strings xml:lang="de-DE"> <Msg ovf:msgid="network.label">Netzwerk</Msg> </Strings>
import { PackageError } from './errors.ts';
import type { Descriptor, StringBundle } from './ovf-types.ts';
import { readXml } from './xml.ts';
import { elementsOf, textOf, type XmlElement } from './xml-tree.ts';

/** The texts of one bundle, by message id. */
export interface MessageBundle {
  readonly locale?: string | undefined;
  readonly messages: ReadonlyMap<string, string>;
}

/**
 * The `Msg` children of a `Strings` element. The first of two with one id counts. One of OVF 2.x that refers to a file of
 * its own has no text here, so that the text in place of the message counts.
 */
export function readMessages(strings: XmlElement): ReadonlyMap<string, string> {
  const messages = new Map<string, string>();
  for (const element of elementsOf(strings)) {
    const attributeOf = (wanted: string) => element.attributes.find(({ name }) => name === wanted)?.value;
    const id = attributeOf('msgid');
    const isHere = element.name === 'Msg' && attributeOf('fileRef') === undefined;
    if (isHere && id !== undefined && !messages.has(id)) messages.set(id, textOf(element));
  }
  return messages;
}

/**
 * Reads a bundle that is a file of its own.
 * @throws PackageError XML_*, or DESCRIPTOR_INVALID when its root is not `Strings`
 */
export function readMessageBundle(
  source: string | Uint8Array,
  { file }: { readonly file?: string | undefined } = {},
): MessageBundle {
  const { root } = readXml(source, { file });
  if (root.name !== 'Strings')
    throw new PackageError('DESCRIPTOR_INVALID', `The root element is ${root.name}, not Strings`, {
      file,
      ...root.position,
    });
  return {
    locale: root.attributes.find(({ name, prefix }) => name === 'lang' && prefix === 'xml')?.value,
    messages: readMessages(root),
  };
}

/** The descriptor with the messages of its external bundles, which are given by the href of their file. */
export function withBundles(descriptor: Descriptor, loaded: ReadonlyMap<string, MessageBundle>): Descriptor {
  const hrefs = new Map(descriptor.files.map(({ id, href }) => [id, href]));
  const fill = (bundle: StringBundle): StringBundle => {
    const found = loaded.get(hrefs.get(bundle.fileRef ?? '') ?? '');
    // what the descriptor itself says overrides the file
    return found === undefined
      ? bundle
      : {
          ...bundle,
          locale: bundle.locale ?? found.locale,
          messages: new Map([...found.messages, ...bundle.messages]),
        };
  };
  return { ...descriptor, bundles: descriptor.bundles.map(fill) };
}

/** 2 for the same language and region, 1 for the same language, 0 otherwise. A bundle without a locale is US English. */
function closeness(locale: string | undefined, wanted: string): number {
  const own = (locale ?? 'en-US').toLowerCase();
  const target = wanted.toLowerCase();
  if (own === target) return 2;
  return own.split('-')[0] === target.split('-')[0] ? 1 : 0;
}

/**
 * The text of a message id in the closest locale of the same language; without `locale`, that of the first bundle that
 * has it. undefined when none has: then the text in place counts.
 */
export function messageOf(descriptor: Pick<Descriptor, 'bundles'>, msgid: string, locale?: string): string | undefined {
  const having = descriptor.bundles.filter(({ messages }) => messages.has(msgid));
  if (locale === undefined) return having[0]?.messages.get(msgid);
  const best = having.reduce<StringBundle | undefined>(
    (chosen, bundle) =>
      chosen === undefined || closeness(bundle.locale, locale) > closeness(chosen.locale, locale) ? bundle : chosen,
    undefined,
  );
  return best !== undefined && closeness(best.locale, locale) > 0 ? best.messages.get(msgid) : undefined;
}
