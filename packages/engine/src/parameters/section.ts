import { contentsOf, type Descriptor, type SectionMeaning, type UnknownSection } from '@ovfkit/package-format';

/** The sections of every level of a package, outer ones first. */
export const allSections = ({ sections, content }: Descriptor): readonly UnknownSection[] => [
  ...sections,
  ...contentsOf(content).flatMap((part) => part.sections),
];

/** What the sections of one kind say. */
export const meaningsOf = <Kind extends SectionMeaning['kind']>(
  sections: readonly UnknownSection[],
  kind: Kind,
): readonly Extract<SectionMeaning, { kind: Kind }>[] =>
  sections.flatMap(({ meaning }) => (isKind(meaning, kind) ? [meaning] : []));

const isKind = <Kind extends SectionMeaning['kind']>(
  meaning: SectionMeaning | undefined,
  kind: Kind,
): meaning is Extract<SectionMeaning, { kind: Kind }> => meaning?.kind === kind;
