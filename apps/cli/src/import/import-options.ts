import type { Pair } from '../arguments.ts';
import { CliError } from '../errors.ts';
import type { OnInterrupt } from '../journal/interruption.ts';
import { isLibraryItem, partsOf } from '../source/library-item.ts';
import { isUrl } from '../source/url.ts';
import type { ViaOptions } from '../target/connection.ts';
import { checkThumbprint, type TargetOptions } from '../target/resolve-target.ts';
import type { IfExists } from './existing.ts';
import type { PlacementOptions } from './placement.ts';

export interface ImportOptions extends TargetOptions, ViaOptions, PlacementOptions {
  readonly source: string;
  readonly to: string;
  readonly name?: string | undefined;
  readonly net?: readonly string[] | undefined;
  readonly prop?: readonly Pair[] | undefined;
  readonly datastore?: string | undefined;
  readonly diskMode?: string | undefined;
  readonly storagePolicy?: string | undefined;
  /** Datastores by disk. */
  readonly diskDatastore?: readonly Pair[] | undefined;
  readonly powerOn?: true | undefined;
  /** Seconds. */
  readonly waitForIp?: number | undefined;
  readonly markAsTemplate?: true | undefined;
  readonly injectOvfEnv?: true | undefined;
  readonly deploymentOption?: string | undefined;
  readonly acceptEula?: true | undefined;
  readonly anySigner?: true | undefined;
  /** Path of an options file. */
  readonly options?: string | undefined;
  readonly annotation?: string | undefined;
  readonly verify: boolean;
  readonly lax?: true | undefined;
  readonly pull?: true | undefined;
  readonly viaClient?: true | undefined;
  readonly sourceThumbprint?: string | undefined;
  /** Path of a PEM file. */
  readonly sourceCa?: string | undefined;
  readonly ifExists?: IfExists | undefined;
  readonly onInterrupt?: OnInterrupt | undefined;
  readonly dryRun?: true | undefined;
  /** Of a plan: reads the package in full. */
  readonly deep?: true | undefined;
  readonly json?: true | undefined;
  /** Id of the job to go on with; that of the command when absent. */
  readonly job?: string | undefined;
}

/** Who has the bytes: this machine, a server of packages, the target's library, or whoever writes to our standard input. */
export type SourceKind = 'local' | 'url' | 'library' | 'stdin';

/** What kind of source a package is. @throws CliError for an address that cannot be read */
export function sourceKindOf(source: string): SourceKind {
  if (source === '-') return 'stdin';
  if (isLibraryItem(source)) return 'library';
  return isUrl(source) ? 'url' : 'local';
}

/** Whether the sessions of a target get the package without us. */
export const isAtTarget = ({ source, viaClient }: Pick<ImportOptions, 'source' | 'viaClient'>): boolean => {
  const kind = sourceKindOf(source);
  return kind === 'library' || (kind === 'url' && viaClient === undefined);
};

/** Refuses options that do not belong to the source, or not to each other. @throws CliError */
export function checkOptions(options: ImportOptions): void {
  const { source, pull, viaClient, sourceThumbprint, sourceCa, verify, ifExists } = options;
  const kind = sourceKindOf(source);
  checkThumbprint(sourceThumbprint);
  if (options.markAsTemplate && (options.powerOn || options.waitForIp !== undefined))
    throw new CliError(
      'usage',
      'A template never runs: --mark-as-template goes with neither --power-on nor --wait-for-ip',
    );
  if (kind === 'library') partsOf(source);
  if (!verify && isAtTarget(options))
    throw new CliError('usage', '--no-verify is for packages that are sent; what the target fetches, it checks');
  if (pull && viaClient) throw new CliError('usage', '--pull and --via-client contradict each other');
  if (kind !== 'url' && pull)
    throw new CliError('usage', 'The target can only fetch an http or https URL', {
      hint: 'Leave --pull out to send the package from here.',
    });
  if (kind !== 'url' && (viaClient || sourceCa !== undefined))
    throw new CliError('usage', '--via-client and --source-ca are for packages at a URL');
  if (sourceThumbprint !== undefined && (kind !== 'url' || viaClient))
    throw new CliError('usage', '--source-thumbprint is for packages the target fetches from a URL');
  if (ifExists === 'replace' && isAtTarget(options))
    throw new CliError('usage', '--if-exists replace is for packages that are sent from here', {
      hint: kind === 'url' ? 'Give --via-client.' : 'Export the item to a file first.',
    });
  if (ifExists !== undefined && options.name === undefined && (kind === 'url' || kind === 'library'))
    throw new CliError('usage', '--if-exists needs the name before the package is read', { hint: 'Give it with -n.' });
}
