import type { DigestAlgorithm } from '@ovfkit/package-format';
import { isArchivePath, unpackStream } from '@ovfkit/package-format/node';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { formatDuration, formatSize } from '../output/format.ts';
import type { Report } from '../output/report.ts';
import { reported } from '../output/reported.ts';
import { checkOutput, type MadePackage, toReport } from '../pack/deliver.ts';
import { type MakeOptions, makePackage } from '../pack/make-package.ts';
import { shownPath } from '../source/url.ts';

interface CommonOptions {
  readonly source: string;
  readonly output: string;
  readonly algorithm?: DigestAlgorithm | undefined;
  readonly overwrite?: true | undefined;
  readonly ca?: string | undefined;
  readonly json?: true | undefined;
}

export interface PackOptions extends CommonOptions {
  readonly compress?: true | undefined;
  readonly chunkSize?: number | undefined;
  readonly lax?: true | undefined;
}

export interface UnpackOptions extends CommonOptions {
  readonly plain?: true | undefined;
}

type Make = (report: Report) => Promise<MadePackage>;

interface Job {
  readonly command: 'pack' | 'unpack';
  readonly options: CommonOptions;
  readonly make: Make;
}

async function run(context: Context, { command, options, make }: Job): Promise<void> {
  const startedAt = performance.now();
  // a package on its way through standard output must not meet words
  const say = options.output === '-' ? context.output.note : context.output.line;
  await reported<MadePackage>(context, {
    json: options.json,
    run: make,
    resultLine: (made) => ({
      command,
      source: shownPath(options.source),
      ...made,
      ms: Math.round(performance.now() - startedAt),
    }),
    print: ({ output, size, files, algorithm }) => {
      const took = formatDuration(performance.now() - startedAt);
      const sealed = algorithm === undefined ? '' : `, manifest of ${algorithm}`;
      say(`${output === '-' ? 'Written' : output} (${formatSize(size)} in ${took}${sealed})`);
      for (const file of files) say(`  ${file.name}  ${formatSize(file.size)}`);
    },
  });
}

const isDescription = (path: string): boolean => /\.ya?ml$/i.test(path);
const isDisk = (path: string): boolean => /\.(?:raw|img|qcow2|vmdk)$/i.test(path) && shownPath(path) === path;

/** Makes an archive, or a folder, of a package, of a description of one, or of a disk. */
export async function pack(context: Context, flags: PackOptions): Promise<void> {
  const { source, output, algorithm: digest, compress, chunkSize, overwrite, lax, ca } = flags;
  checkOutput(flags);
  const compression = compress ? 'gzip' : 'keep';
  const options: MakeOptions = { source, output, digest, compression, chunkSize, overwrite, lax, ca };
  const make: Make = async (report) => {
    if (!isDescription(source) && !isDisk(source)) return makePackage(context, { options, report });
    const { packDescription, packDisk } = await import('../pack/pack-description.ts');
    return (isDisk(source) ? packDisk : packDescription)(context, { options, report });
  };
  await run(context, { command: 'pack', options: flags, make });
}

/** Unpacks standard input as it comes. */
async function unpackInput({ signal }: Context, { options, report }: { options: UnpackOptions; report: Report }) {
  const { output, overwrite } = options;
  const { size, members, hasManifest } = await unpackStream(process.stdin, {
    path: output,
    ifExists: overwrite ? 'replace' : 'refuse',
    signal,
    onProgress: toReport(report),
  });
  const warnings = hasManifest ? [] : ['The archive has no manifest: nothing says whether it is whole'];
  for (const message of warnings) report.event({ type: 'warning', message });
  return { output, size, files: members, warnings };
}

/** Makes a folder of an archive. */
export async function unpack(context: Context, options: UnpackOptions): Promise<void> {
  const { source, output, plain, algorithm: digest, overwrite, ca } = options;
  if (isArchivePath(output) || output === '-')
    throw new CliError('usage', `${output} is the name of an archive; unpack makes a folder`, {
      hint: 'Use ovfkit pack.',
    });
  const make: Make = (report) => {
    // what stays as it is needs to be read only once
    if (source === '-' && !plain && digest === undefined) return unpackInput(context, { options, report });
    const compression = plain ? 'plain' : 'keep';
    return makePackage(context, {
      options: { source, output, digest, compression, overwrite, ca, faults: 'allow' },
      report,
    });
  };
  await run(context, { command: 'unpack', options, make });
}
