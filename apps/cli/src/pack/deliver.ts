import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DigestAlgorithm } from '@ovfkit/package-format';
import {
  type PackageInput,
  type PackageOptions,
  type PackageProgress,
  streamPackage,
  type WrittenPackage,
  writePackage,
} from '@ovfkit/package-format/node';
import { CliError } from '../errors.ts';
import type { Report } from '../output/report.ts';

/** Where a package goes, and what it is to be like. `-` is standard output, which gets an archive. */
export interface Delivery extends Omit<PackageOptions, 'onProgress'> {
  readonly output: string;
  readonly overwrite?: boolean | undefined;
  readonly report: Report;
}

/** What was made. Sizes are bytes. */
export interface MadePackage {
  readonly output: string;
  readonly size: number;
  readonly algorithm?: DigestAlgorithm | undefined;
  readonly files: readonly { readonly name: string; readonly size: number }[];
  readonly warnings: readonly string[];
}

/** How far a file is, as the views show it. */
export function toReport(report: Report): (progress: PackageProgress) => void {
  return ({ file, phase, done, size }) =>
    report.event({ type: 'file', name: phase === 'prepare' ? `${file} (prepare)` : file, transferred: done, size });
}

/** Writes to standard output until the archive is through. */
async function toStdout(input: PackageInput, options: PackageOptions): Promise<WrittenPackage> {
  const bytes = streamPackage(input, options);
  let result: WrittenPackage | undefined;
  async function* chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    result = yield* bytes;
  }
  await pipeline(Readable.from(chunks(), { objectMode: false }), process.stdout, { end: false }).catch(
    (cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EPIPE') throw cause;
      throw new CliError('usage', 'Standard output was closed before the package was through', { cause });
    },
  );
  if (result === undefined) throw new CliError('usage', 'Standard output was closed before the package was through');
  return result;
}

/** Only an archive goes through a pipe, and nothing else may go there with it. */
export function checkOutput({
  output,
  json,
}: {
  readonly output?: string | undefined;
  readonly json?: true | undefined;
}): void {
  if (output === '-' && json)
    throw new CliError('usage', 'Standard output is the package; --json has no room there', {
      hint: 'Leave out --json, or give -o a path.',
    });
}

/** Writes a package and warns of what was left out. */
export async function deliver(input: PackageInput, delivery: Delivery): Promise<MadePackage> {
  const { output, overwrite, report, ...rest } = delivery;
  const options = { ...rest, onProgress: toReport(report) };
  const { size, members, algorithm, dropped } =
    output === '-'
      ? await toStdout(input, options)
      : await writePackage(input, { ...options, path: output, ifExists: overwrite ? 'replace' : 'refuse' });
  const warnings = dropped.map(
    (name) => `${name} is left out: it signed the manifest as it was. Sign again with ovfkit sign.`,
  );
  for (const message of warnings) report.event({ type: 'warning', message });
  return { output, size, algorithm, files: members, warnings };
}
