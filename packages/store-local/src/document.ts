import { SessionError } from '@ovfkit/domain';
import type { z } from 'zod';

/** A stored JSON text, and the words for it in an error. */
export interface StoredDocument {
  readonly text: string;
  /** Such as `import session 5f3a`. */
  readonly what: string;
  /** Texts of the entries of its lists, by the name of the field, where those are kept beside it. */
  readonly lists?: Readonly<Record<string, readonly string[]>>;
}

/** Told of each stored document that cannot be read and was passed over. */
export type OnDamage = (error: SessionError) => void;

/** @throws SessionError INTERNAL_SERVER_ERROR when the text is not JSON, or not what `schema` asks for */
export function readDocument<Kept>(schema: z.ZodType<Kept>, { text, what, lists = {} }: StoredDocument): Kept {
  try {
    const apart = Object.entries(lists).map(([name, texts]) => [name, texts.map((each) => JSON.parse(each))]);
    return schema.parse(apart.length === 0 ? JSON.parse(text) : { ...JSON.parse(text), ...Object.fromEntries(apart) });
  } catch (cause) {
    throw new SessionError('INTERNAL_SERVER_ERROR', `The stored ${what} is damaged; delete it.`, { cause });
  }
}

/** What `read` makes of the rows that can be read; `onDamage` is told of the others: one bad document holds up no other. */
export function readAllReadable<Row, Kept>(
  rows: readonly Row[],
  { read, onDamage }: { readonly read: (row: Row) => Kept; readonly onDamage: OnDamage },
): readonly Kept[] {
  return rows.flatMap((row) => {
    try {
      return [read(row)];
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      onDamage(error);
      return [];
    }
  });
}
