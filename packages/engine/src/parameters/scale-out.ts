import { findParams, message } from '@ovfkit/domain';
import type { Content, InstanceCount } from '@ovfkit/package-format';
import type { Parameter, ParameterContext, Problem } from './parameter.ts';
import { allSections, meaningsOf } from './section.ts';

/** How often each prototype is made, by the id that its section gives it: that of a system or of a collection. */
export type ChosenInstances = ReadonlyMap<string, number>;

interface Group {
  readonly id: string;
  readonly description: string;
  readonly bounds: InstanceCount;
}

/** More would be a slip of the pen, or worse: each one is a machine. */
const mostInstances = 1000;

/** ovf2:ScaleOutSection: how often a part of the package is made. */
export function scaleOut(context: ParameterContext): Parameter<ChosenInstances> {
  const groups = groupsOf(context);
  const input = findParams(context.given, 'ScaleOutParams')?.groups ?? [];
  const usual = ({ bounds }: Group) => bounds.default ?? bounds.minimum;
  const countOf = (group: Group) => input.find(({ id }) => id === group.id)?.instanceCount ?? usual(group);
  const told = groups.map((group) => ({
    id: group.id,
    description: group.description,
    instanceCount: countOf(group),
    minimumInstanceCount: group.bounds.minimum,
    ...(group.bounds.maximum === undefined ? {} : { maximumInstanceCount: group.bounds.maximum }),
  }));
  const isRight = new Map(groups.map((group) => [group.id, isWithin(group, countOf(group))]));
  const chosen = new Map(groups.map((group) => [group.id, isRight.get(group.id) ? countOf(group) : 1]));
  const all = totalOf(context.descriptor.content, chosen);
  return {
    params: groups.length === 0 ? undefined : { type: 'ScaleOutParams', groups: told },
    problems: [
      ...input.flatMap(({ id = '' }) => (isRight.has(id) ? [] : [unknownGroup(id)])),
      ...groups.filter(({ id }) => !isRight.get(id)).map((group) => outOfBounds(group, countOf(group))),
      ...(all > mostInstances ? [tooMany(all)] : []),
    ],
    missing: [],
    chosen,
  };
}

const isWithin = ({ bounds: { minimum, maximum = mostInstances } }: Group, count: number): boolean =>
  count >= minimum && count <= Math.min(maximum, mostInstances);

/** Groups may lie within groups, and a collection without machines is made as well. */
function totalOf(content: Content, counts: ChosenInstances): number {
  const children = content.kind === 'VirtualSystem' ? [] : content.children;
  const below = Math.max(
    1,
    children.reduce((sum, each) => sum + totalOf(each, counts), 0),
  );
  return below * (counts.get(content.id) ?? 1);
}

/** The count of the chosen option, else the one for all. */
function groupsOf({ descriptor, resolved }: ParameterContext): readonly Group[] {
  return meaningsOf(allSections(descriptor), 'ScaleOut').map(({ id, description = '', counts }) => {
    const own = counts.find(({ configurations }) => configurations.includes(resolved.option ?? ''));
    const general = counts.find(({ configurations }) => configurations.length === 0);
    return { id, description, bounds: own ?? general ?? { minimum: 1, configurations: [] } };
  });
}

const unknownGroup = (id: string): Problem => ({
  name: 'groups',
  value: id,
  message: message('com.ovfkit.params.scale_out_unknown', 'The package has no scale-out group {0}.', id),
});

const tooMany = (count: number): Problem => ({
  name: 'groups',
  value: String(count),
  message: message(
    'com.ovfkit.params.scale_out_total',
    'The instance counts come to {0} machines; {1} is the most.',
    String(count),
    String(mostInstances),
  ),
});

const outOfBounds = ({ id, bounds }: Group, count: number): Problem => ({
  name: `groups.${id}`,
  value: String(count),
  message: message(
    'com.ovfkit.params.scale_out_count',
    'The instance count {1} of {0} is not within {2} and {3}.',
    id,
    String(count),
    String(bounds.minimum),
    String(Math.min(bounds.maximum ?? mostInstances, mostInstances)),
  ),
});
