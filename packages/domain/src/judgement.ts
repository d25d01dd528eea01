import { type LocalizableMessage, message } from './localizable-message.ts';

/** What of an import something is said about. */
export const remarkSubjects = [
  'package',
  'place',
  'name',
  'hardware',
  'networks',
  'properties',
  'storage',
  'library',
  'privileges',
] as const;
export type RemarkSubject = (typeof remarkSubjects)[number];

/** One thing that an inventory says of an entity before it is made, in its words. */
export interface Remark {
  readonly about: RemarkSubject;
  readonly text: string;
}

/** What would come of making an entity. */
export interface Judgement {
  /** Why it would not be made; none when it would, as far as that can be told. */
  readonly errors: readonly Remark[];
  readonly warnings: readonly Remark[];
}

const idOf = (about: RemarkSubject): string => `com.ovfkit.judged.${about}`;

/** A remark as sessions pass it on. */
export const remarkMessage = ({ about, text }: Remark): LocalizableMessage => message(idOf(about), '{0}', text);

/** What a message of a session is about, when it is a remark of the inventory. */
export const remarkSubjectOf = ({ id }: Pick<LocalizableMessage, 'id'>): RemarkSubject | undefined =>
  remarkSubjects.find((subject) => id === idOf(subject));
