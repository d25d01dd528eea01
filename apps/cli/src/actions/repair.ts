import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { formatCount, formatSize, oneLine } from '../output/format.ts';
import { reported } from '../output/reported.ts';
import { checkOutput } from '../pack/deliver.ts';
import { checkHardwareVersion } from '../repair/hardware-target.ts';
import { type Repair, type RepairOptions, repairPackage } from '../repair/repair-package.ts';
import { shownPath } from '../source/url.ts';

export interface RepairFlags {
  readonly source: string;
  readonly output?: string | undefined;
  readonly dryRun?: true | undefined;
  readonly for?: string | undefined;
  readonly hardware?: string | undefined;
  readonly nvram: boolean;
  readonly newManifest?: true | undefined;
  readonly algorithm?: RepairOptions['algorithm'];
  readonly overwrite?: true | undefined;
  readonly ca?: string | undefined;
  readonly json?: true | undefined;
}

function optionsOf(flags: RepairFlags): RepairOptions {
  const { source, output, dryRun, hardware, newManifest, algorithm, overwrite, ca } = flags;
  checkOutput(flags);
  if ((output === undefined) !== (dryRun === true))
    throw new CliError('usage', 'Give either -o or --dry-run', { hint: '--dry-run says what would change.' });
  const version = hardware === undefined ? undefined : checkHardwareVersion(hardware);
  return {
    source,
    output,
    wishes: { version, target: flags.for, nvram: flags.nvram ? 'keep' : 'drop' },
    algorithm,
    digests: newManifest ? 'replace' : 'refuse',
    overwrite,
    ca,
  };
}

function print({ output }: Context, repair: Repair): void {
  const isPiped = repair.output === '-';
  const { style } = isPiped ? { style: output.errorStyle } : output;
  // a package on its way through standard output must not meet words
  const say = isPiped ? output.note : output.line;
  const { changes, remaining } = repair;
  for (const { code, message } of changes) say(`${style('green', 'change')} ${oneLine(message)} ${style('dim', code)}`);
  for (const { file, line, column, message, code } of remaining)
    say(`${style('red', 'remains')} ${oneLine(file)}:${line}:${column} ${oneLine(message)} ${style('dim', code)}`);
  if (repair.output !== undefined)
    say(
      `${isPiped ? 'Written' : repair.output} (${formatSize(repair.size ?? 0)}, ${formatCount(changes.length, 'change')})`,
    );
  else if (changes.length === 0) output.line('Nothing to repair; nothing was written.');
  else output.line(`${formatCount(changes.length, 'change')} to make; nothing was written.`);
}

/** Repairs a package and lists every change. */
export async function repair(context: Context, flags: RepairFlags): Promise<void> {
  const options = optionsOf(flags);
  await reported<Repair>(context, {
    json: flags.json,
    run: (report) => repairPackage(context, { options, report }),
    resultLine: (done) => ({
      command: 'repair',
      source: shownPath(flags.source),
      dryRun: flags.dryRun === true,
      ...done,
    }),
    print: (done) => print(context, done),
  });
}
