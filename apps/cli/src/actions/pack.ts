import type { DigestAlgorithm } from '@ovfkit/package-format';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { formatDuration, formatSize } from '../output/format.ts';
import type { Report } from '../output/report.ts';
import { reported } from '../output/reported.ts';
import { type MadePackage, makePackage } from '../pack/make-package.ts';
import { isArchivePath } from '../pack/write-package.ts';
import { shownPath } from '../source/url.ts';

interface CommonOptions {
  readonly source: string;
  readonly output: string;
  readonly algorithm?: DigestAlgorithm | undefined;
  readonly chunkSize?: number | undefined;
  readonly overwrite?: true | undefined;
  readonly lax?: true | undefined;
  readonly ca?: string | undefined;
  readonly json?: true | undefined;
}

export interface PackOptions extends CommonOptions {
  readonly compress?: true | undefined;
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
      context.output.line(`${output} (${formatSize(size)} in ${took}${sealed})`);
      for (const file of files) context.output.line(`  ${file.name}  ${formatSize(file.size)}`);
    },
  });
}

const isDescription = (path: string): boolean => /\.ya?ml$/i.test(path);

/** Makes an archive, or a folder, of a package or of a description of one. */
export async function pack(context: Context, options: PackOptions): Promise<void> {
  const { source, algorithm, chunkSize } = options;
  const form = options.compress ? 'gzip' : 'keep';
  const storage = { form, algorithm, chunkSize } as const;
  const make: Make = async (report) => {
    if (!isDescription(source)) return makePackage(context, { options: { ...options, storage }, report });
    const { packDescription } = await import('../pack/pack-description.ts');
    return packDescription(context, { options: { ...options, storage }, report });
  };
  await run(context, { command: 'pack', options, make });
}

/** Makes a folder of an archive. */
export async function unpack(context: Context, options: UnpackOptions): Promise<void> {
  const { source, output, plain, algorithm, overwrite } = options;
  if (isArchivePath(output))
    throw new CliError('usage', `${output} is the name of an archive; unpack makes a folder`, {
      hint: 'Use ovfkit pack.',
    });
  const make: Make = async (report) => {
    if (source !== '-') {
      const storage = { form: plain ? 'plain' : 'keep', algorithm } as const;
      return makePackage(context, { options: { ...options, storage, faults: 'allow' }, report });
    }
    if (plain || algorithm !== undefined)
      throw new CliError('usage', 'What comes from standard input is unpacked as it is', {
        hint: 'Leave out --plain and --sha, or save the archive first.',
      });
    const { unpackStream } = await import('../pack/unpack-stream.ts');
    return unpackStream(context, { bytes: process.stdin, output, overwrite, report });
  };
  await run(context, { command: 'unpack', options, make });
}
