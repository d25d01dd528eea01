import { findParams, IpAllocationPolicy, message } from '@ovfkit/domain';
import { contentsOf, type Descriptor } from '@ovfkit/package-format';
import type { Parameter, ParameterContext, Problem } from './parameter.ts';

/** vmw:IpAssignmentSection: `protocols="IPv4,IPv6" schemes="dhcp ovfenv"`. What is chosen is kept, not carried out. */
export function ipAllocation({ descriptor, given }: ParameterContext): Parameter<undefined> {
  const section = assignmentOf(descriptor);
  const input = findParams(given, 'IpAllocationParams');
  if (section === undefined) return { params: undefined, problems: [], missing: [], chosen: undefined };
  const { schemes, protocols } = section;
  const policies = [
    ...(schemes.includes('DHCP') ? ['DHCP'] : []),
    ...(schemes.includes('OVF_ENVIRONMENT') ? ['TRANSIENT_IPPOOL', 'STATIC_IPPOOL'] : []),
    'STATIC_MANUAL',
  ];
  const policy = input?.ipAllocationPolicy ?? policies[0] ?? IpAllocationPolicy.enum.STATIC_MANUAL;
  const protocol = input?.ipProtocol ?? protocols[0] ?? 'IPV4';
  return {
    params: {
      type: 'IpAllocationParams',
      supportedAllocationScheme: schemes,
      supportedIpAllocationPolicy: policies,
      ipAllocationPolicy: policy,
      supportedIpProtocol: protocols,
      ipProtocol: protocol,
    },
    problems: [
      ...(policies.includes(policy) ? [] : [unsupported('ip_allocation_policy', { value: policy, known: policies })]),
      ...(protocols.includes(protocol) ? [] : [unsupported('ip_protocol', { value: protocol, known: protocols })]),
    ],
    missing: [],
    chosen: undefined,
  };
}

function assignmentOf({ sections, content }: Descriptor) {
  const all = [...sections, ...contentsOf(content).flatMap((part) => part.sections)];
  const element = all.find(({ name }) => name === 'IpAssignmentSection')?.element;
  if (element === undefined) return undefined;
  const words = (name: string) =>
    (element.attributes.find((each) => each.name === name)?.value ?? '').toLowerCase().split(/[\s,]+/);
  const schemes = [
    ...(words('schemes').includes('dhcp') ? ['DHCP'] : []),
    ...(words('schemes').includes('ovfenv') ? ['OVF_ENVIRONMENT'] : []),
  ];
  const protocols = [
    ...(words('protocols').includes('ipv4') ? ['IPV4'] : []),
    ...(words('protocols').includes('ipv6') ? ['IPV6'] : []),
  ];
  return { schemes, protocols: protocols.length === 0 ? ['IPV4'] : protocols };
}

const unsupported = (
  name: string,
  { value, known }: { readonly value: string; readonly known: readonly string[] },
): Problem => ({
  name,
  value,
  message: message('com.ovfkit.params.ip_unsupported', '{0} is not one of {1}.', value, known.join(', ')),
});
