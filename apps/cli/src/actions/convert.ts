import { basename } from 'node:path';
import { type Conversion, convertDisk, type DiskImage, type DiskTarget } from '@ovfkit/package-format/node';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { formatDuration, formatRate, formatSize } from '../output/format.ts';
import { reported } from '../output/reported.ts';

export interface ConvertOptions {
  readonly source: string;
  readonly target: string;
  readonly from?: DiskImage['format'] | undefined;
  readonly to?: DiskTarget | undefined;
  readonly level?: number | undefined;
  readonly overwrite?: true | undefined;
  readonly json?: true | undefined;
}

const byEnding: readonly (readonly [RegExp, DiskTarget])[] = [
  [/\.vmdk$/i, 'streamOptimized'],
  [/\.qcow2$/i, 'qcow2'],
  [/\.(?:raw|img)$/i, 'raw'],
];

function formatOf({ target, to }: ConvertOptions): DiskTarget {
  const format = to ?? byEnding.find(([ending]) => ending.test(target))?.[1];
  if (format !== undefined) return format;
  throw new CliError('usage', `The name ${target} does not say what the disk is to become`, {
    hint: 'Give --to, or a name that ends in .vmdk, .qcow2, .raw or .img.',
  });
}

/** Converts a disk. */
export async function convert(context: Context, options: ConvertOptions): Promise<void> {
  const { source, target, from, level, overwrite, json } = options;
  const to = formatOf(options);
  const startedAt = performance.now();
  const ms = () => performance.now() - startedAt;
  await reported<Conversion>(context, {
    json,
    run: (report) =>
      convertDisk(source, {
        path: target,
        from,
        to,
        level,
        ifExists: overwrite ? 'replace' : 'refuse',
        signal: context.signal,
        onProgress: ({ done, total }) =>
          report.event({ type: 'file', name: basename(source), transferred: done, size: total }),
      }),
    resultLine: (made) => ({ command: 'convert', source, output: target, to, ...made, ms: Math.round(ms()) }),
    print: (made) => {
      const rate = formatRate((made.capacity / ms()) * 1000);
      const sizes = `${formatSize(made.capacity)} in ${formatSize(made.size)}`;
      context.output.line(`${target} (${made.from} to ${to}, ${sizes}, ${formatDuration(ms())} at ${rate})`);
    },
  });
}
