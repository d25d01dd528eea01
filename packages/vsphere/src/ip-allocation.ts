/** The session API's name of each policy for addresses, and vim25's. */
const policies = [
  ['DHCP', 'dhcpPolicy'],
  ['TRANSIENT_IPPOOL', 'transientPolicy'],
  ['STATIC_MANUAL', 'fixedPolicy'],
  ['STATIC_IPPOOL', 'fixedAllocatedPolicy'],
] as const;

const protocols = [
  ['IPV4', 'IPv4'],
  ['IPV6', 'IPv6'],
] as const;

/** vim25's name of a policy; one it does not know stays as it is, as in all of these. */
export const vimPolicyOf = (policy: string): string => policies.find(([ours]) => ours === policy)?.[1] ?? policy;

/** vim25's name of a protocol. */
export const vimProtocolOf = (protocol: string): string =>
  protocols.find(([ours]) => ours === protocol)?.[1] ?? protocol;

/** The session API's name of a policy. */
export const policyOf = (vimPolicy: string): string => policies.find(([, vim]) => vim === vimPolicy)?.[0] ?? vimPolicy;

/** The session API's name of a protocol. */
export const protocolOf = (vimProtocol: string): string =>
  protocols.find(([, vim]) => vim === vimProtocol)?.[0] ?? vimProtocol;
