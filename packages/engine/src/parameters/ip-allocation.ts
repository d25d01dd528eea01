import { findParams, type IpAllocation, IpAllocationPolicy, IpProtocol, message } from '@ovfkit/domain';
import type { Descriptor } from '@ovfkit/package-format';
import type { Parameter, ParameterContext, Problem } from './parameter.ts';
import { allSections, meaningsOf } from './section.ts';

/**
 * vmw:IpAssignmentSection: `protocols="IPv4,IPv6" schemes="dhcp ovfenv"`. What is chosen is kept with what is made; nothing is
 * told of a package without the section, which may be given any policy.
 */
export function ipAllocation({ descriptor, given }: ParameterContext): Parameter<IpAllocation | undefined> {
  const input = findParams(given, 'IpAllocationParams');
  const section = assignmentOf(descriptor);
  const isAsked = input?.ipAllocationPolicy !== undefined || input?.ipProtocol !== undefined;
  if (section === undefined && !isAsked) return { params: undefined, problems: [], missing: [], chosen: undefined };
  const { schemes, protocols } = section ?? { schemes: [], protocols: [...IpProtocol.options] };
  const policies = section === undefined ? IpAllocationPolicy.options : policiesOf(schemes);
  const policy = input?.ipAllocationPolicy ?? policies[0] ?? 'STATIC_MANUAL';
  const protocol = input?.ipProtocol ?? protocols[0] ?? 'IPV4';
  return {
    params: {
      type: 'IpAllocationParams',
      supportedAllocationScheme: [...schemes],
      supportedIpAllocationPolicy: [...policies],
      ipAllocationPolicy: policy,
      supportedIpProtocol: [...protocols],
      ipProtocol: protocol,
    },
    problems: [
      ...unsupported('ip_allocation_policy', { value: policy, known: policies }),
      ...unsupported('ip_protocol', { value: protocol, known: protocols }),
    ],
    missing: [],
    chosen: { policy, protocol },
  };
}

/** Which policies a scheme makes possible; an address that is set by hand needs none. */
const policiesOf = (schemes: readonly string[]): readonly string[] => [
  ...(schemes.includes('DHCP') ? ['DHCP'] : []),
  ...(schemes.includes('OVF_ENVIRONMENT') ? ['TRANSIENT_IPPOOL', 'STATIC_IPPOOL'] : []),
  'STATIC_MANUAL',
];

function assignmentOf(descriptor: Descriptor) {
  const [section] = meaningsOf(allSections(descriptor), 'IpAssignment');
  if (section === undefined) return undefined;
  const has = (words: readonly string[], wanted: string) => words.some((word) => word.toLowerCase() === wanted);
  const schemes = [
    ...(has(section.schemes, 'dhcp') ? ['DHCP'] : []),
    ...(has(section.schemes, 'ovfenv') ? ['OVF_ENVIRONMENT'] : []),
  ];
  const protocols = [
    ...(has(section.protocols, 'ipv4') ? ['IPV4'] : []),
    ...(has(section.protocols, 'ipv6') ? ['IPV6'] : []),
  ];
  return { schemes, protocols: protocols.length === 0 ? ['IPV4'] : protocols };
}

function unsupported(
  name: string,
  { value, known }: { readonly value: string; readonly known: readonly string[] },
): readonly Problem[] {
  if (known.includes(value)) return [];
  return [
    {
      name,
      value,
      message: message('com.ovfkit.params.ip_unsupported', '{0} is not one of {1}.', value, known.join(', ')),
    },
  ];
}
