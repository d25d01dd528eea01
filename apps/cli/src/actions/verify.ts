import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { isDescriptorName } from '@ovfkit/package-format';
import {
  type VerifyOptions as LibraryOptions,
  type PackageProblem,
  type VerifyReport,
  verifyPackage,
  verifyStream,
} from '@ovfkit/package-format/node';
import type { Context } from '../context.ts';
import { CliError, exitCodes } from '../errors.ts';
import { nextSteps } from '../failure/next-steps.ts';
import type { Report } from '../output/report.ts';
import { verifyPage } from '../output/verify-page.ts';
import { named } from '../source/named.ts';
import { isUrl, shownPath } from '../source/url.ts';

export interface VerifyOptions {
  readonly path: string;
  readonly json?: true | undefined;
  readonly lax?: true | undefined;
  /** Look into disks that a digest covers, too. */
  readonly deep?: true | undefined;
  /** Paths of certificate authorities that signers may come from. */
  readonly roots?: readonly string[] | undefined;
  readonly anySigner?: true | undefined;
  readonly requireSignature?: true | undefined;
  /** When certificates have to be valid, in milliseconds since 1970; now when absent. */
  readonly at?: number | undefined;
  readonly ca?: string | undefined;
}

async function verifyUrl(
  { path, ca }: VerifyOptions,
  { options, signal }: { readonly options: LibraryOptions; readonly signal: AbortSignal },
): Promise<VerifyReport> {
  if (isDescriptorName(new URL(path).pathname)) {
    const { openHttpPackage } = await import('../source/http-package.ts');
    const reader = await openHttpPackage(path, { signal, ca });
    try {
      return await verifyPackage(reader, options);
    } finally {
      await reader.close();
    }
  }
  const { openHttpFile } = await import('../source/http-file.ts');
  const file = await openHttpFile(new URL(path), { signal, ca });
  try {
    // every byte is needed once: one request brings them
    const bytes = file.whole ?? file.read({ start: 0, end: file.size });
    const onProgress: LibraryOptions['onProgress'] = (progress) =>
      options.onProgress?.({ ...progress, total: file.size === 0 ? undefined : file.size });
    return await verifyStream(bytes, { ...options, onProgress, file: shownPath(path) });
  } finally {
    file.close();
  }
}

/** Nobody can tell which files lie beside a descriptor that comes alone. */
async function verifyInput(options: LibraryOptions & { readonly file: string }): Promise<VerifyReport> {
  const { peekStream, readStreamedPackage } = await import('../source/stream-package.ts');
  const { isDescriptorOnly, all } = await peekStream(process.stdin);
  if (!isDescriptorOnly) return verifyStream(all, options);
  const report = await verifyPackage(await readStreamedPackage(all, options.file), options);
  const others: readonly string[] = ['FILE_MISSING', 'MANIFEST_MISSING'];
  return { ...report, problems: report.problems.filter(({ code }) => !others.includes(code)) };
}

async function readRoots(paths: readonly string[]): Promise<readonly string[]> {
  return Promise.all(
    paths.map(async (path) => {
      const text = await readFile(path, 'utf8').catch((cause: unknown) => {
        throw new CliError('usage', `${path} cannot be read`, { cause, hint: 'Check the path.' });
      });
      if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
      throw new CliError('usage', `${path} has no certificate`, {
        hint: 'Authorities are given in PEM: openssl x509 -inform der -in FILE converts one.',
      });
    }),
  );
}

async function run(
  { signal }: Context,
  { options, view }: { readonly options: VerifyOptions; readonly view?: Report | undefined },
): Promise<VerifyReport> {
  const { path, lax, deep, roots, at } = options;
  const name = path === '-' ? 'stdin' : basename(shownPath(path));
  const library: LibraryOptions = {
    signal,
    mode: lax ? 'lax' : 'strict',
    disks: deep ? 'grains' : undefined,
    roots: roots === undefined ? undefined : await readRoots(roots),
    now: at,
    onProgress: ({ done, total }) => view?.event({ type: 'file', name, transferred: done, size: total }),
  };
  view?.event({ type: 'state', state: 'verifying' });
  if (path === '-') return named(name, verifyInput({ ...library, file: name }));
  return named(
    shownPath(path),
    isUrl(path) ? verifyUrl(options, { options: library, signal }) : verifyPackage(path, library),
  );
}

/** What the flags make of the problems. */
function judged(report: VerifyReport, { anySigner, requireSignature }: VerifyOptions): readonly PackageProblem[] {
  const problems = report.problems.map((problem): PackageProblem => {
    const isAboutTrust = problem.kind === 'signature' && problem.code !== 'SIGNATURE_WRONG';
    const isForgiven = anySigner && isAboutTrust && report.signature !== undefined;
    return {
      ...problem,
      severity: isForgiven ? 'warning' : problem.severity,
      hint: problem.hint ?? nextSteps[problem.code],
    };
  });
  if (!requireSignature || report.signature !== undefined) return problems;
  const file = report.descriptorName ?? '';
  const message = 'The package is not signed';
  const hint = 'Ask the vendor for a signed package; ovfkit sign makes one of yours.';
  return [...problems, { kind: 'signature', severity: 'error', code: 'CERTIFICATE_INVALID', message, file, hint }];
}

/** A package that was changed is worse than one that was made badly. */
function verdictOf(errors: readonly PackageProblem[]): 'ok' | 'packageInvalid' | 'verificationFailed' {
  if (errors.length === 0) return 'ok';
  return errors.some(({ kind }) => kind === 'digest' || kind === 'signature') ? 'verificationFailed' : 'packageInvalid';
}

/** Verifies a package in one pass over its bytes, and tells every problem. */
export async function verify(context: Context, options: VerifyOptions): Promise<void> {
  const { output } = context;
  const view = options.json ? undefined : output.view();
  let report: VerifyReport;
  try {
    report = await run(context, { options, view });
  } finally {
    view?.close();
  }
  const problems = judged(report, options);
  const errors = problems.filter(({ severity }) => severity === 'error');
  const verdict = verdictOf(errors);
  const path = shownPath(options.path);
  const { descriptor: _, ...facts } = report;
  if (options.json) output.json({ v: 1, package: path, verdict, exitCode: exitCodes[verdict], ...facts, problems });
  else for (const line of verifyPage({ ...facts, problems }, { ...output, path, verdict })) output.line(line);
  if (verdict === 'ok') return;
  const count = errors.length === 1 ? 'one error' : `${errors.length} errors`;
  throw new CliError(verdict, `${path} is not sound: ${count}`, {
    hint: verdict === 'packageInvalid' ? 'ovfkit repair mends some of it; --lax forgives some of it.' : undefined,
  });
}
