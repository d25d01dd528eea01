import type { Content, ResolvedSystem, VirtualSystemCollection } from '@ovfkit/package-format';
import type { ChosenInstances } from './parameters/scale-out.ts';

interface InstanceBase {
  /** What tells it from others of the same prototype, such as `-2`; empty for what is made once. */
  readonly suffix: string;
  /** That of the package with the suffix; no other instance has it. */
  readonly id: string;
}

/** One machine that a system of the package becomes. */
export interface MachineInstance extends InstanceBase {
  readonly system: ResolvedSystem;
}

/** One vApp inside that a collection of the package becomes. */
export interface CollectionInstance extends InstanceBase {
  readonly collection: VirtualSystemCollection;
  readonly children: readonly Instance[];
}

export type Instance = MachineInstance | CollectionInstance;

/**
 * What the entity of a package holds. Every prototype is repeated as often as was chosen (DSP0243 2.1, clause 9.14), a collection with all
 * that is in it; the outermost collection is the entity, whose instances share it.
 */
export function instancesOf(
  content: Content,
  { systems, counts }: { readonly systems: readonly ResolvedSystem[]; readonly counts: ChosenInstances },
): readonly Instance[] {
  const taken = new Set<string>();
  const suffixesOf = ({ id }: Content, suffix: string): readonly string[] => {
    const count = counts.get(id);
    return count === undefined ? [suffix] : Array.from({ length: count }, (_, index) => `${suffix}-${index + 1}`);
  };
  const below = ({ children }: VirtualSystemCollection, suffix: string): readonly Instance[] =>
    children.flatMap((child) => suffixesOf(child, suffix).flatMap((own) => make(child, own)));
  const make = (each: Content, suffix: string): readonly Instance[] => {
    if (each.kind === 'VirtualSystemCollection') {
      const id = unused(`${each.id}${suffix}`, taken);
      return [{ collection: each, suffix, id, children: below(each, suffix) }];
    }
    const system = systems.find((candidate) => candidate.system === each);
    return system === undefined ? [] : [{ system, suffix, id: unused(`${system.id}${suffix}`, taken) }];
  };
  const outermost = suffixesOf(content, '');
  return content.kind === 'VirtualSystemCollection'
    ? outermost.flatMap((suffix) => below(content, suffix))
    : outermost.flatMap((suffix) => make(content, suffix));
}

/** What vSphere has written may have one name in two vApps. */
function unused(id: string, taken: Set<string>): string {
  let own = id;
  for (let number = 2; taken.has(own); number += 1) own = `${id}-${number}`;
  taken.add(own);
  return own;
}

/** Every machine among them, at any depth, in their order. */
export const machinesIn = (instances: readonly Instance[]): readonly MachineInstance[] =>
  instances.flatMap((each) => ('system' in each ? [each] : machinesIn(each.children)));

/** The ids that the ids of the package stand for in a section of what holds `instances`. */
export function idsIn(instances: readonly Instance[]): ReadonlyMap<string, readonly string[]> {
  const ids = new Map<string, readonly string[]>();
  const visit = (each: Instance): void => {
    const known = 'system' in each ? each.system.id : each.collection.id;
    ids.set(known, [...(ids.get(known) ?? []), each.id]);
    if ('collection' in each) each.children.forEach(visit);
  };
  instances.forEach(visit);
  return ids;
}
