import { type LocalizableMessage, message, type OvfError, type OvfWarning, type SessionMember } from '@ovfkit/domain';
import { readCertificate } from '@ovfkit/package-format';
import { type SignatureProblemCode, type SignatureReport, verifyCertificate } from '@ovfkit/package-format/node';
import type { Core } from './core.ts';
import { readText } from './descriptor.ts';
import { fileIssue, validation } from './problem.ts';
import { receivedOf } from './received.ts';

/** What the certificate file of a package is worth. */
export interface Signature {
  /** Name of the certificate file. */
  readonly file: string;
  readonly report: SignatureReport;
  /** The signer's certificate, in PEM. */
  readonly x509: string;
}

/**
 * The signature among files that are here; nothing unless manifest and certificate both are.
 * @throws PackageError CERTIFICATE_INVALID
 */
export async function signatureOf(core: Core, files: readonly SessionMember[]): Promise<Signature | undefined> {
  const manifest = receivedOf(files, 'MANIFEST');
  const certificate = receivedOf(files, 'CERT');
  if (manifest === undefined || certificate === undefined) return undefined;
  const text = await readText(core, certificate);
  const { name: file } = certificate;
  const report = verifyCertificate({
    certificate: text,
    manifest: await readText(core, manifest),
    roots: core.signerRoots,
    now: core.clock(),
    file,
  });
  return { file, report, x509: readCertificate(text, { file }).certificates[0] ?? '' };
}

/** What is wrong with a signer, in one text; nothing of a signature that is not the signer's. */
export const signerMessages = ({
  report,
}: Signature): readonly { readonly code: SignatureProblemCode; readonly text: LocalizableMessage }[] =>
  report.problems
    .filter(({ code }) => code !== 'SIGNATURE_WRONG')
    .map(({ code, message: text }) => ({
      code,
      text: message(`com.ovfkit.signature.${code.toLowerCase()}`, '{0}.', text),
    }));

/**
 * Checks a signature as soon as both of its halves are here: one that does not fit ends the session, a signer that is not
 * trusted is a warning.
 * @throws PackageError CERTIFICATE_INVALID
 */
export async function checkSignature(
  core: Core,
  { before, added }: { readonly before: readonly SessionMember[]; readonly added: readonly SessionMember[] },
): Promise<{ readonly errors: readonly OvfError[]; readonly warnings: readonly OvfWarning[] }> {
  const isHalf = ({ fileType }: SessionMember) => fileType === 'MANIFEST' || fileType === 'CERT';
  const others = before.filter(({ name }) => added.every((file) => file.name !== name));
  const signature = added.some(isHalf) ? await signatureOf(core, [...others, ...added]) : undefined;
  if (signature === undefined) return { errors: [], warnings: [] };
  const { file, report } = signature;
  if (report.status === 'invalid') {
    const text = message(
      'com.ovfkit.signature.wrong',
      'The signature in {0} is not one of {1} over this manifest.',
      file,
      report.signer.subject,
    );
    return { errors: [validation([fileIssue(file, text)])], warnings: [] };
  }
  return { errors: [], warnings: signerMessages(signature).map(({ text }) => validation([fileIssue(file, text)])) };
}
