import { type Content, type DescriptorEdit, editDescriptor, readDescriptor } from '@ovfkit/package-format';

/**
 * What the machines of an import carry in their extra configuration: the key of the import that makes them. A machine with the first
 * and without the second was never finished.
 */
export const importKey = 'ovfkit.import';

/** The same, once everything of the machine is there. */
export const importDoneKey = 'ovfkit.import.done';

/** How many vApps of the import are around the machine: 0 for one of its own. */
export const importLevelKey = 'ovfkit.import.level';

/** A descriptor whose machines carry the key of their import from the moment they are made. */
export function markedDescriptor(text: string, key: string): string {
  const descriptor = readDescriptor(text, { lax: true });
  const edits = [importKey, importDoneKey].map((each) => mark(each, key));
  const levels = levelsOf(descriptor.content).map(({ system, level }) => mark(importLevelKey, String(level), system));
  return editDescriptor(descriptor, [...edits, ...levels]);
}

/** In all systems, or in one. */
const mark = (key: string, value: string, system?: string): DescriptorEdit => ({
  type: 'setExtraConfig',
  key,
  value,
  required: false,
  ...(system === undefined ? {} : { system }),
});

/** Of machines in collections that have hardware to say it in: a machine of its own needs none. */
function levelsOf(content: Content, level = 0): readonly { readonly system: string; readonly level: number }[] {
  if (content.kind === 'VirtualSystem')
    return level === 0 || content.hardware.length === 0 ? [] : [{ system: content.id, level }];
  return content.children.flatMap((child) => levelsOf(child, level + 1));
}

/** What a library item of an import or an export is called, by whose key those are found that nobody needs any more. */
export const itemNameOf = (key: string): string => `ovfkit-${key.replaceAll('/', '-')}`;
