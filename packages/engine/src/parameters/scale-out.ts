import { findParams, message } from '@ovfkit/domain';
import { contentsOf, type Descriptor, elementsOf, readWhole, textOf, type XmlElement } from '@ovfkit/package-format';
import type { Parameter, ParameterContext, Problem } from './parameter.ts';

interface Group {
  readonly id: string;
  readonly description: string;
  readonly minimum: number;
  readonly maximum: number | undefined;
  readonly count: number;
}

/** ovf2:ScaleOutSection: how often a part of the package is made. One instance is what this service makes. */
export function scaleOut({ descriptor, given }: ParameterContext): Parameter<undefined> {
  const groups = groupsOf(descriptor);
  const input = findParams(given, 'ScaleOutParams')?.groups ?? [];
  if (groups.length === 0) return { params: undefined, problems: [], missing: [], chosen: undefined };
  return {
    params: {
      type: 'ScaleOutParams',
      groups: groups.map(({ id, description, minimum, maximum, count }) => ({
        id,
        description,
        instanceCount: input.find((each) => each.id === id)?.instanceCount ?? count,
        minimumInstanceCount: minimum,
        ...(maximum === undefined ? {} : { maximumInstanceCount: maximum }),
      })),
    },
    problems: input.flatMap(({ id = '', instanceCount = 1 }) => {
      const group = groups.find((each) => each.id === id);
      if (group === undefined) return [problem(id, 'The package has no scale-out group {0}.')];
      const isWithin = instanceCount >= group.minimum && instanceCount <= (group.maximum ?? instanceCount);
      return isWithin ? [] : [problem(id, 'The instance count of {0} is out of its bounds.')];
    }),
    missing: [],
    chosen: undefined,
  };
}

function groupsOf({ sections, content }: Descriptor): readonly Group[] {
  return [...sections, ...contentsOf(content).flatMap((part) => part.sections)]
    .filter(({ name }) => name === 'ScaleOutSection')
    .map(({ element }) => {
      const child = (name: string) => elementsOf(element).find((each) => each.name === name);
      const counts = child('InstanceCount');
      const minimum = numberOf(counts, 'minimum') ?? 1;
      const description = child('Description');
      return {
        id: attribute(element, 'id') ?? '',
        description: description === undefined ? '' : textOf(description),
        minimum,
        maximum: numberOf(counts, 'maximum'),
        count: numberOf(counts, 'default') ?? minimum,
      };
    });
}

const attribute = (element: XmlElement | undefined, name: string): string | undefined =>
  element?.attributes.find((each) => each.name === name)?.value;

const numberOf = (element: XmlElement | undefined, name: string): number | undefined => {
  const text = attribute(element, name);
  return text === undefined ? undefined : readWhole(text);
};

const problem = (id: string, text: string): Problem => ({
  name: 'groups',
  value: id,
  message: message('com.ovfkit.params.scale_out', text, id),
});
