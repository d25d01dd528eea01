import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { PackageReader } from '@ovfkit/package-format';
import { digest } from '@ovfkit/package-format/node';
import type { ExportOptions } from '../export/export-options.ts';
import { type ImportOptions, sourceKindOf } from '../import/import-options.ts';
import { withoutSignature } from '../source/url.ts';
import type { Target } from '../target/resolve-target.ts';
import { ExportJobOptions, JobOptions } from './job.ts';

const hashOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);

/** A password is never written down: it comes from where the command takes it, whoever goes on. */
export function withoutPassword(target: string): string {
  const url = target.includes('://') ? URL.parse(target) : null;
  if (url === null || url.password === '') return target;
  url.password = '';
  return url.href;
}

/** What of a command decides what comes of it; the same command gives the same from any folder. */
export function jobOptionsOf({
  json,
  dryRun,
  deep,
  onInterrupt,
  options: file, // what it says is in the others by now
  job,
  via, // whoever goes on has found the session
  library,
  ...options
}: ImportOptions): JobOptions {
  const { source, to, ca, sourceCa } = options;
  const all = {
    ...options,
    source: sourceKindOf(source) === 'local' ? resolve(source) : source,
    to: withoutPassword(to),
    ca: ca === undefined ? undefined : resolve(ca),
    sourceCa: sourceCa === undefined ? undefined : resolve(sourceCa),
  };
  return JobOptions.parse(given(all));
}

const given = (options: object): object =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

/** The same of an export. */
export function exportJobOptionsOf({
  json,
  onInterrupt,
  job,
  via, // whoever goes on has found the session
  library,
  ...options
}: ExportOptions): ExportJobOptions {
  const { from, ca, output } = options;
  return ExportJobOptions.parse(
    given({
      ...options,
      from: withoutPassword(from),
      ca: ca === undefined ? undefined : resolve(ca),
      output: output === undefined ? undefined : resolve(output),
    }),
  );
}

/** Names the job of an export, as `jobIdOf`. What it may write over makes no other of it. */
export function exportJobIdOf(
  { from, user, thumbprint, ca, overwrite, ...options }: ExportJobOptions,
  target: Target,
): string {
  return hashOf(['export', target.url, target.user, options]);
}

/**
 * Names the job of a command: how a target is spelled, how it is trusted, and how an address is signed make no other of it. What comes by standard
 * input has no path: `fingerprint` tells it from others.
 */
export function jobIdOf(
  { to, user, thumbprint, ca, sourceCa, ...options }: JobOptions,
  { target, fingerprint }: { readonly target: Target; readonly fingerprint: string },
): string {
  const kind = sourceKindOf(options.source);
  const source = kind === 'url' ? withoutSignature(options.source) : options.source;
  const piped = kind === 'stdin' ? [fingerprint] : [];
  return hashOf([target.url, target.user, { ...options, source }, ...piped]);
}

/** Changes when a file of the package does: names, sizes and times, no bytes are read. */
export async function fingerprintOf(path: string, { kind, members }: PackageReader): Promise<string> {
  const own = await stat(path);
  if (kind === 'ova') return hashOf([own.size, own.mtimeMs]);
  const folder = own.isDirectory() ? path : dirname(path);
  const files = members.map(async ({ name, size }) => {
    const stats = await stat(join(folder, name));
    return [name, size, stats.mtimeMs];
  });
  return hashOf(await Promise.all(files));
}

/** The same of a package at a server, by what that tells of its files. */
export const servedFingerprintOf = (versions: readonly string[]): string => hashOf(versions);

/** The same of a package that can be read here, by its bytes: only for the few that are in memory. */
export async function contentFingerprintOf({ members, read }: PackageReader): Promise<string> {
  const files = members.map(async ({ name }) => [name, await digest(read(name), 'SHA256')]);
  return hashOf(await Promise.all(files));
}
