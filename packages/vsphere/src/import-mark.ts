import { editDescriptor, readDescriptor } from '@ovfkit/package-format';

/**
 * What the machines of an import carry in their extra configuration: the key of the import that makes them. A machine with the first
 * and without the second was never finished.
 */
export const importKey = 'ovfkit.import';

/** The same, once everything of the machine is there. */
export const importDoneKey = 'ovfkit.import.done';

/** A descriptor whose machines carry the key of their import from the moment they are made. */
export function markedDescriptor(text: string, key: string): string {
  const descriptor = readDescriptor(text, { lax: true });
  const edits = [importKey, importDoneKey].map((each) => ({
    type: 'setExtraConfig' as const,
    key: each,
    value: key,
    required: false,
  }));
  return editDescriptor(descriptor, edits);
}

/** How many vApps of the import are around the machine: 0 for one of its own. */
export const importLevelKey = 'ovfkit.import.level';

/** What a library item of an import or an export is called, by whose key those are found that nobody needs any more. */
export const itemNameOf = (key: string): string => `ovfkit-${key.replaceAll('/', '-')}`;
