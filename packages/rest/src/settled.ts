import type { SessionError } from '@ovfkit/domain';

// What becomes of a call that was repeated because its answer got lost, and whose repetition is refused: the refusal may
// come from what the first one did.

/** What a call came to all the same, from the refusal of its repetition; nothing when the refusal stands. */
export type Settle<Output> = (refusal: SessionError) => Promise<{ readonly output: Output } | undefined>;

const done = { output: undefined } as const;

/** Of calls that end something: `hasEnded` looks at it. */
export const ended =
  (hasEnded: () => Promise<boolean>): Settle<void> =>
  async ({ kind }) =>
    kind === 'NOT_ALLOWED_IN_CURRENT_STATE' && (await hasEnded()) ? done : undefined;

/** Of calls that are refused where there is nothing to be done: with such a refusal what was asked for is the case. */
export const already =
  (kind: SessionError['kind']): Settle<void> =>
  async (refusal) =>
    refusal.kind === kind ? done : undefined;

type Fields = Readonly<Record<string, unknown>>;

/** Of changes that name the version they change: the next version has what was asked for. */
export const changed =
  (asked: Fields, read: () => Promise<Fields>): Settle<void> =>
  async ({ kind }) => {
    if (kind !== 'CONCURRENT_CHANGE') return undefined;
    const { version, ...fields } = asked;
    const now = await read();
    const isNext = Number(now['version']) === Number(version) + 1;
    return isNext && Object.entries(fields).every(([name, value]) => now[name] === value) ? done : undefined;
  };
