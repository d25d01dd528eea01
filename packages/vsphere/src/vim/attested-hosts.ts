import { SessionError } from '@ovfkit/domain';
import type { FileHosts } from '@ovfkit/rest';

/** Hosts that are believed by what a lease says of them: a refusal names vSphere as who has to know another certificate. */
export const attestedHosts = (hosts: FileHosts): FileHosts => ({
  ...hosts,
  send: (upload) => hosts.send(upload).catch(distrusted),
  open: (part) => hosts.open(part).catch(distrusted),
});

function distrusted(error: unknown): never {
  if (!(error instanceof SessionError) || error.kind !== 'UNVERIFIED_PEER') throw error;
  const { data } = error;
  const { host, thumbprint, expected } = { host: '', thumbprint: '', expected: undefined, ...asRecord(data) };
  const text =
    expected === undefined
      ? `vSphere attests no certificate of the host ${host}, and that which it shows is not trusted: SHA-1 ${thumbprint}.`
      : `The host ${host} shows another certificate than vSphere knows of it: expected ${expected}, seen SHA-1 ${thumbprint}.`;
  throw new SessionError('UNVERIFIED_PEER', text, { cause: error, data: { ...asRecord(data), attestedBy: 'lease' } });
}

const asRecord = (data: unknown): object => (typeof data === 'object' && data !== null ? data : {});
