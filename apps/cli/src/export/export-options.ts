import { CliError } from '../errors.ts';
import type { OnInterrupt } from '../journal/interruption.ts';
import type { ViaOptions } from '../target/connection.ts';
import type { TargetOptions } from '../target/resolve-target.ts';

export interface ExportOptions extends TargetOptions, ViaOptions {
  /** Name or id; absent when `from` is a locator of the machine itself. */
  readonly source?: string | undefined;
  readonly from: string;
  readonly output?: string | undefined;
  /** Name or id of a content library of the target. */
  readonly toLibrary?: string | undefined;
  readonly vapp?: true | undefined;
  readonly flag?: readonly string[] | undefined;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly overwrite?: true | undefined;
  readonly onInterrupt?: OnInterrupt | undefined;
  readonly json?: true | undefined;
  /** Id of the job to go on with; that of the command when absent. */
  readonly job?: string | undefined;
}

/** Refuses options that do not say where to, or what to write over. @throws CliError */
export function checkTarget({ output, toLibrary, overwrite, name }: ExportOptions): void {
  if ((output === undefined) === (toLibrary === undefined))
    throw new CliError('usage', 'Say where the package goes: -o PATH, or --to-library LIBRARY', {
      hint: 'Give one of the two.',
    });
  if (toLibrary !== undefined && overwrite && name === undefined)
    throw new CliError('usage', '--overwrite does not know which item', { hint: 'Name it with --name.' });
}
