import type { Content, ResolvedSystem } from '@ovfkit/package-format';
import type { ChosenInstances } from './parameters/scale-out.ts';

/** One machine that a system of the package becomes. */
export interface Instance {
  readonly system: ResolvedSystem;
  /** What tells it from others of the same prototype, such as `-2`; empty for a system that is made once. */
  readonly suffix: string;
}

/** The machines of a package. */
export interface Instances {
  readonly all: readonly Instance[];
  /** For the id of each system and collection of the package, the ids of its machines. */
  readonly ids: ReadonlyMap<string, readonly string[]>;
}

/** Repeats every prototype as often as was chosen (DSP0243 2.1, clause 9.14): a collection with all that is in it. */
export function instancesOf(
  content: Content,
  { systems, counts }: { readonly systems: readonly ResolvedSystem[]; readonly counts: ChosenInstances },
): Instances {
  const ids = new Map<string, readonly string[]>();
  const expand = (each: Content, prefix: string): readonly Instance[] => {
    const count = counts.get(each.id);
    const suffixes =
      count === undefined ? [prefix] : Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);
    const below = suffixes.flatMap((suffix): readonly Instance[] => {
      if (each.kind === 'VirtualSystemCollection') return each.children.flatMap((child) => expand(child, suffix));
      const system = systems.find((candidate) => candidate.system === each);
      return system === undefined ? [] : [{ system, suffix }];
    });
    ids.set(each.id, [...(ids.get(each.id) ?? []), ...below.map(({ system, suffix }) => `${system.id}${suffix}`)]);
    return below;
  };
  return { all: expand(content, ''), ids };
}
