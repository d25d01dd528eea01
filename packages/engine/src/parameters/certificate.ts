import { findParams, type OvfParams, type WarningType } from '@ovfkit/domain';
import type { SignatureProblemCode } from '@ovfkit/package-format/node';
import { type Signature, signerMessages } from '../signature.ts';
import type { Parameter, Problem } from './parameter.ts';

type Warning = (typeof WarningType)['options'][number];

const types: Partial<Record<SignatureProblemCode, Warning>> = {
  CHAIN_UNTRUSTED: 'UNTRUSTED_CERTIFICATE',
  CHAIN_INCOMPLETE: 'UNTRUSTED_CERTIFICATE',
  KEY_USAGE: 'UNTRUSTED_CERTIFICATE',
  CERTIFICATE_EXPIRED: 'EXPIRED_CERTIFICATE',
  CERTIFICATE_NOT_YET_VALID: 'NOT_YET_VALID_CERTIFICATE',
};

/** Who signed the package. Each doubt about the signer has to be ignored by name before anything is made (contract, section 9.1). */
export function certificate(signature: Signature | undefined, given: readonly OvfParams[]): Parameter<undefined> {
  if (signature === undefined) return { params: undefined, problems: [], missing: [], chosen: undefined };
  const { report, x509 } = signature;
  const { subject, issuer } = report.signer;
  const isSelfSigned = subject === issuer;
  const ignored = new Set(
    (findParams(given, 'CertificateParams')?.warnings ?? []).filter((each) => each.ignored).map(({ type }) => type),
  );
  const warnings = signerMessages(signature).flatMap(({ code, text }) => {
    const type = isSelfSigned && code === 'CHAIN_UNTRUSTED' ? 'SELF_SIGNED_CERTIFICATE' : types[code];
    return type === undefined ? [] : [{ type, message: text, ignored: ignored.has(type) }];
  });
  return {
    params: {
      type: 'CertificateParams',
      issuer,
      subject,
      isValid: report.status === 'valid',
      isSelfSigned,
      x509,
      warnings,
    },
    problems: [],
    missing: warnings
      .filter((warning) => !warning.ignored)
      .map(({ type, message }): Problem => ({ name: 'warnings', value: type, message })),
    chosen: undefined,
  };
}
