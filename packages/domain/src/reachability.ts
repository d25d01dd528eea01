import type { AnyStateMachine } from 'xstate';

/** What can follow what in a machine. Read from its own transitions, so it cannot disagree with them; guards are not asked. */
export interface Reachability {
  /** Whether one state can follow another, at once or after others; every state reaches itself. */
  readonly canReach: (from: string, to: string) => boolean;
  /** The states that every way from one to the other passes, in order, without the two ends. */
  readonly between: (from: string, to: string) => readonly string[];
}

/** Reads a machine once; asking is then a walk over a handful of states. */
export function reachability(machine: AnyStateMachine): Reachability {
  const next = new Map<string, ReadonlySet<string>>();
  for (const [name, node] of Object.entries(machine.root.states)) {
    const targets = [...node.transitions.values()].flat().flatMap((each) => each.target ?? []);
    next.set(name, new Set(targets.map((target) => target.key)));
  }
  const reaches = (from: string, to: string, without?: string): boolean => closure(next, { from, without }).has(to);
  return {
    canReach: (from, to) => next.has(from) && reaches(from, to),
    between(from, to) {
      if (!reaches(from, to)) return [];
      const passed = [...next.keys()].filter((each) => each !== from && each !== to && !reaches(from, to, each));
      return passed.toSorted((one, other) => (reaches(one, other) ? -1 : 1));
    },
  };
}

function closure(
  next: ReadonlyMap<string, ReadonlySet<string>>,
  { from, without }: { readonly from: string; readonly without: string | undefined },
): ReadonlySet<string> {
  const seen = new Set([from]);
  for (const state of seen)
    for (const following of next.get(state) ?? []) if (following !== without) seen.add(following);
  return seen;
}
