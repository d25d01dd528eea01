import { SessionError } from '@ovfkit/domain';
import { expect, test } from 'vitest';

/** Far more than any machine here takes; a guard that no longer stops growth fails instead of running forever. */
export const maxSteps = 20_000;

/** One line of a transition table: what the contract says happens, written without a look at the machine. */
export interface Row<Session, Event> {
  readonly from: string;
  readonly event: string;
  /** Absent: always. */
  readonly when?: (session: Session, event: Event) => boolean;
  readonly to: string;
  readonly effects?: readonly string[];
}

interface Step<Session> {
  readonly session: Session;
  readonly effects: readonly { readonly type: string }[];
}

/** The functions of one machine, and the table they are held against. */
export interface Subject<Session, Event> {
  readonly table: readonly Row<Session, Event>[];
  readonly apply: (session: Session, event: Event) => Step<Session>;
  readonly can: (session: Session, event: Event) => boolean;
}

export interface Path<Session, Event> {
  readonly events: readonly Event[];
  /** Where xstate's own search says the path ends. */
  readonly end: Session;
}

interface Machine {
  readonly state: string;
}

/** The lines of a table that speak of this session and this event. */
export const rowsFor = <Session extends Machine, Event extends { readonly type: string }>(
  table: readonly Row<Session, Event>[],
  session: Session,
  event: Event,
): readonly Row<Session, Event>[] =>
  table.filter((row) => row.from === session.state && row.event === event.type && (row.when?.(session, event) ?? true));

/**
 * One test for each path: every step goes where the table says and asks for the effects it says, and at the end each of
 * `eventsOf` happens exactly when the table has a line for it, else is refused.
 */
export function replay<Session extends Machine, Event extends { readonly type: string }>(
  { table, apply, can }: Subject<Session, Event>,
  {
    fresh,
    paths,
    eventsOf,
  }: {
    readonly fresh: Session;
    readonly paths: readonly Path<Session, Event>[];
    readonly eventsOf: (session: Session) => readonly Event[];
  },
): void {
  const check = (session: Session, event: Event): Session => {
    const rows = rowsFor(table, session, event);
    expect(can(session, event), `${event.type} in ${session.state}`).toBe(rows.length > 0);
    const row = rows[0];
    if (row === undefined) {
      expect(() => apply(session, event)).toThrow(SessionError);
      expect(() => apply(session, event)).toThrow(expect.objectContaining({ kind: 'NOT_ALLOWED_IN_CURRENT_STATE' }));
      return session;
    }
    expect(rows, `one line for ${event.type} in ${session.state}`).toHaveLength(1);
    const before = structuredClone(session);
    const step = apply(session, event);
    expect(session, 'apply changes nothing').toEqual(before);
    expect({ state: step.session.state, effects: step.effects.map(({ type }) => type) }).toEqual({
      state: row.to,
      effects: row.effects ?? [],
    });
    return step.session;
  };
  test.each(paths.map((path) => [nameOf(path), path] as const))('%s', (_, { events, end }) => {
    const reached = events.reduce(check, fresh);
    expect(reached).toEqual(end);
    for (const event of eventsOf(reached)) check(reached, event);
  });
}

function nameOf<Session extends Machine, Event extends { readonly type: string }>({
  events,
  end,
}: Path<Session, Event>) {
  const steps = events.map((event) => ('name' in event ? `${event.type} ${String(event.name)}` : event.type));
  return `${steps.join(', ') || 'nothing yet'} leads to ${end.state}`;
}

/** The states that the table says can come after `from`, `from` itself included. */
export function closure(table: readonly Pick<Row<never, never>, 'from' | 'to'>[], from: string): ReadonlySet<string> {
  const seen = new Set([from]);
  for (const state of seen) for (const row of table) if (row.from === state) seen.add(row.to);
  return seen;
}
