// What the bytes turned out to be, against what descriptor and manifest say.
import { PackageError } from '../errors.ts';
import type { Finding } from '../finding.ts';
import type { Manifest } from '../manifest.ts';
import { capacityOf } from '../ovf-resolve.ts';
import type { Descriptor, FileReference } from '../ovf-types.ts';
import { isSealName, type PackageMember, piecesOf, siblingName } from '../package-read.ts';
import type { PassedDisk, PassedMember } from './verify-pass.ts';
import type { PackageProblem, VerifiedFile } from './verify-report.ts';

/** A finding of the descriptor as a problem of the package. */
export function problemOfFinding({ severity, code, message, file, line, column, hint }: Finding): PackageProblem {
  return { kind: 'structure', severity, code, message, file, line, column, hint };
}

/** What stopped the reading of a part, as a problem; anything but a PackageError is thrown on. */
export function problemOfError(
  cause: unknown,
  { kind, file }: { readonly kind: PackageProblem['kind']; readonly file: string },
): PackageProblem {
  if (!(cause instanceof PackageError)) throw cause;
  const { code, message, offset, line, column } = cause;
  return { kind, severity: 'error', code, message, file: cause.file ?? file, offset, line, column };
}

/** The digests that the manifest states of a member, each beside the one its bytes have. */
export function verifiedFile({ name, size, digests }: PassedMember, manifest: Manifest | undefined): VerifiedFile {
  const entries = manifest?.entries.filter((entry) => entry.name === name) ?? [];
  return {
    name,
    size,
    digests: entries.flatMap(({ algorithm, digest }) => {
      const actual = digests.get(algorithm);
      return actual === undefined ? [] : [{ algorithm, stated: digest, actual }];
    }),
  };
}

/** Every file once in the manifest, with the digest it has; nothing in it that is not there. */
export function compareManifest(
  { manifest, manifestName, descriptorName }: { manifest: Manifest; manifestName: string; descriptorName: string },
  files: readonly VerifiedFile[],
): readonly PackageProblem[] {
  const wrong = files.flatMap(({ name, size, digests }) =>
    digests
      .filter(({ stated, actual }) => stated !== actual)
      .map(
        ({ algorithm, stated, actual }): PackageProblem => ({
          kind: 'digest',
          severity: 'error',
          code: 'DIGEST_MISMATCH',
          message: `${name} (${size} bytes) has the ${algorithm} ${actual}, the manifest says ${stated}`,
          file: name,
          hint: 'The file was changed or damaged after the manifest was made; get it again from its source.',
        }),
      ),
  );
  const names = new Set(files.map(({ name }) => name));
  const listed = new Set(manifest.entries.map(({ name }) => name));
  const absent = [...listed]
    .filter((name) => !names.has(name))
    .map(
      (name): PackageProblem => ({
        kind: 'reference',
        severity: 'error',
        code: 'MANIFEST_FILE_MISSING',
        message: `The manifest lists ${name}, which the package does not have`,
        file: manifestName,
      }),
    );
  const unlisted = [...names]
    .filter((name) => !listed.has(name) && !isSealName(descriptorName, name))
    .map(
      (name): PackageProblem => ({
        kind: 'digest',
        severity: 'warning',
        code: 'FILE_NOT_IN_MANIFEST',
        message: `${name} is not in the manifest, so nothing vouches for it`,
        file: manifestName,
      }),
    );
  return [...wrong, ...absent, ...unlisted];
}

function compareReference(members: readonly PackageMember[], reference: FileReference, file: string) {
  const { href, size } = reference;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(href)) return { names: [], problems: [] };
  try {
    const pieces = piecesOf({ members }, reference);
    const actual = pieces.reduce((sum, piece) => sum + piece.size, 0);
    const problems: PackageProblem[] = [];
    if (pieces.length === 0)
      problems.push({
        kind: 'reference',
        severity: 'error',
        code: 'FILE_MISSING',
        message: `The descriptor refers to ${href}, which the package does not have`,
        file,
      });
    else if (size !== undefined && size !== actual)
      problems.push({
        kind: 'size',
        severity: 'error',
        code: 'SIZE_MISMATCH',
        message: `${href} has ${actual} bytes, the descriptor says ${size}`,
        file: href,
      });
    return { names: pieces.map(({ name }) => name), problems };
  } catch (cause) {
    return { names: [], problems: [problemOfError(cause, { kind: 'reference', file: href })] };
  }
}

/** Every file of References there and of its size, and no others. */
export function compareReferences(
  { descriptor, descriptorName }: { readonly descriptor: Descriptor; readonly descriptorName: string },
  members: readonly PackageMember[],
): readonly PackageProblem[] {
  const compared = descriptor.files.map((reference) => compareReference(members, reference, descriptorName));
  const known = new Set([descriptorName, ...compared.flatMap(({ names }) => names)]);
  const extra = members
    .filter(({ name }) => !known.has(name) && !isSealName(descriptorName, name))
    .map(
      ({ name }): PackageProblem => ({
        kind: 'reference',
        severity: 'warning',
        code: 'FILE_NOT_REFERENCED',
        message: `The descriptor does not refer to ${name}`,
        file: name,
      }),
    );
  return [...compared.flatMap(({ problems }) => problems), ...extra];
}

/** DSP0243 wants the descriptor first, then manifest and certificate; many importers depend on the first. */
export function compareOrder(
  descriptorName: string,
  members: readonly { readonly name: string }[],
): readonly PackageProblem[] {
  const wanted = [descriptorName, siblingName(descriptorName, '.mf'), siblingName(descriptorName, '.cert')];
  const present = wanted.filter((name) => members.some((member) => member.name === name));
  const wrong = present.find((name, index) => members[index]?.name !== name);
  // the manifest at the very end is allowed, too
  const isAtEnd =
    members[0]?.name === descriptorName &&
    present.slice(1).every((name, index) => members[members.length - present.length + 1 + index]?.name === name);
  if (wrong === undefined || isAtEnd) return [];
  return [
    {
      kind: 'structure',
      severity: 'warning',
      code: 'MEMBER_ORDER',
      message: `${wrong} does not stand where an OVA has it: descriptor, manifest, certificate, then the files`,
      file: wrong,
      hint: 'vCenter and OVF Tool refuse to stream such an archive; pack it again.',
    },
  ];
}

/** The structure of a disk, and its capacity against the one in the descriptor. */
export function compareDisk({ reference, report }: PassedDisk, descriptor: Descriptor): readonly PackageProblem[] {
  const file = reference.href;
  if (report === undefined)
    return [
      { kind: 'disk', severity: 'error', code: 'COMPRESSION_INVALID', message: `${file} is not whole gzip data`, file },
    ];
  const problems = report.problems.map(
    ({ severity, message, offset }): PackageProblem => ({
      kind: 'disk',
      severity,
      code: severity === 'error' ? 'DISK_DAMAGED' : 'DISK_ODD',
      message,
      file,
      offset,
    }),
  );
  for (const disk of descriptor.disks.filter(({ fileRef }) => fileRef === reference.id)) {
    const stated = capacityOf(disk, new Map());
    const { capacity } = report;
    if (stated === undefined || capacity === undefined || stated === capacity) continue;
    problems.push({
      kind: 'disk',
      severity: capacity > stated ? 'error' : 'warning',
      code: 'DISK_CAPACITY',
      message: `The disk in ${file} has ${capacity} bytes, the descriptor says ${stated}`,
      file,
    });
  }
  return problems;
}
