import type { AnyStateMachine } from 'xstate';

/**
 * Whether one state can follow another, at once or after others; every state reaches itself.
 * Read from the machine's own transitions, so it cannot disagree with them. Guards are not asked.
 */
export function reachability(machine: AnyStateMachine): (from: string, to: string) => boolean {
  const next = new Map<string, Set<string>>();
  for (const [name, node] of Object.entries(machine.root.states)) {
    const targets = [...node.transitions.values()].flat().flatMap((each) => each.target ?? []);
    next.set(name, new Set(targets.map((target) => target.key)));
  }
  const reached = new Map([...next.keys()].map((name) => [name, closure(next, name)]));
  return (from, to) => reached.get(from)?.has(to) ?? false;
}

function closure(next: ReadonlyMap<string, ReadonlySet<string>>, start: string): ReadonlySet<string> {
  const seen = new Set([start]);
  for (const state of seen) for (const following of next.get(state) ?? []) seen.add(following);
  return seen;
}
