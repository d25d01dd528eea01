import type { X509Certificate } from 'node:crypto';

/** Longer chains are not built: they only occur in attacks. */
const maxChain = 10;

/** Whether subject and issuer are one, as those of a root are. */
export function isSelfIssued({ subject, issuer }: X509Certificate): boolean {
  return subject === issuer;
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

/** Certificates from `leaf` upwards, each proven to be issued by the next. */
export function buildChain({
  leaf,
  others,
  roots,
}: {
  readonly leaf: X509Certificate;
  readonly others: readonly X509Certificate[];
  readonly roots: readonly X509Certificate[];
}): { readonly chain: readonly X509Certificate[]; readonly isTrusted: boolean } {
  const isRoot = ({ fingerprint256 }: X509Certificate) => roots.some((root) => root.fingerprint256 === fingerprint256);
  const chain = [leaf];
  for (let last = leaf; chain.length <= maxChain; ) {
    if (isRoot(last)) return { chain, isTrusted: true };
    const root = roots.find((candidate) => isIssuedBy(last, candidate));
    if (root !== undefined) return { chain: [...chain, root], isTrusted: true };
    const next = others.find((candidate) => !chain.includes(candidate) && isIssuedBy(last, candidate));
    if (next === undefined) break;
    chain.push(next);
    last = next;
  }
  return { chain, isTrusted: false };
}
