import { openPackage } from '@ovfkit/package-format/node';
import type { RestBackend } from '@ovfkit/rest';
import {
  type ImportPlan,
  type ImportResult,
  type ImportSettings,
  importLibraryItem,
  importPackage,
  importUrl,
  planImport,
  planImportLibraryItem,
  planImportUrl,
} from '@ovfkit/transfer';
import type { Pair } from '../arguments.ts';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import type { Choices, Offers } from '../import/choices.ts';
import { withOptionsFile } from '../import/options-file.ts';
import { askingWith, parametersFor } from '../import/parameters.ts';
import { type ChosenPlacement, choosePlacement, type PlacementOptions } from '../import/placement.ts';
import { informationTexts, problemTexts } from '../import/problems.ts';
import { dryRunPage } from '../output/dry-run-page.ts';
import { formatDuration, formatRate, formatSize } from '../output/format.ts';
import { progressTo } from '../output/progress.ts';
import type { Report } from '../output/report.ts';
import { reported } from '../output/reported.ts';
import { findSourceItem, isLibraryItem, partsOf } from '../source/library-item.ts';
import { requireSessionApi, withTarget } from '../target/connect.ts';
import { checkThumbprint, type TargetOptions } from '../target/resolve-target.ts';

export interface ImportOptions extends TargetOptions, PlacementOptions {
  readonly source: string;
  readonly to: string;
  readonly name?: string | undefined;
  readonly net?: readonly string[] | undefined;
  readonly prop?: readonly Pair[] | undefined;
  readonly datastore?: string | undefined;
  readonly diskMode?: string | undefined;
  readonly deploymentOption?: string | undefined;
  readonly acceptEula?: true | undefined;
  readonly anySigner?: true | undefined;
  /** Path of an options file. */
  readonly options?: string | undefined;
  readonly annotation?: string | undefined;
  readonly verify: boolean;
  readonly lax?: true | undefined;
  readonly pull?: true | undefined;
  readonly sourceThumbprint?: string | undefined;
  readonly dryRun?: true | undefined;
  readonly json?: true | undefined;
}

type Result =
  | { readonly kind: 'created'; readonly outcome: ImportResult; readonly ms: number }
  | { readonly kind: 'plan'; readonly plan: ImportPlan; readonly placement: ChosenPlacement };

const isUrl = (text: string): boolean => /^https?:\/\//i.test(text);
/** Whether the target gets the package without us. */
const isAtTarget = (text: string): boolean => isUrl(text) || isLibraryItem(text);

function checkSource({ source, pull, sourceThumbprint, verify }: ImportOptions): void {
  checkThumbprint(sourceThumbprint);
  if (!verify && isAtTarget(source))
    throw new CliError('usage', '--no-verify is for packages that are sent; what the target fetches, it checks');
  if (isUrl(source)) return;
  if (isLibraryItem(source)) partsOf(source);
  if (pull)
    throw new CliError('usage', 'The target can only fetch an http or https URL', {
      hint: 'Leave --pull out to send the package from here.',
    });
  if (sourceThumbprint !== undefined)
    throw new CliError('usage', '--source-thumbprint is for packages the target fetches from a URL');
}

const choicesOf = (options: ImportOptions): Choices => ({
  name: options.name,
  annotation: options.annotation,
  networks: options.net ?? [],
  properties: options.prop ?? [],
  datastore: options.datastore,
  diskMode: options.diskMode,
  deploymentOption: options.deploymentOption,
  eula: options.acceptEula ? 'accepted' : 'open',
  signer: options.anySigner ? 'any' : 'trusted',
});

async function offersOf({ inventory }: RestBackend, signal: AbortSignal): Promise<Offers> {
  const [networks, datastores] = await Promise.all([
    inventory.network.list({}, { signal }),
    inventory.datastore.list({}, { signal }),
  ]);
  return {
    networks: networks.map(({ network: id, name }) => ({ id, name })),
    datastores: datastores.map(({ datastore: id, name }) => ({ id, name })),
  };
}

/** What transfer needs to know of an import, whoever moves the bytes. */
async function settingsFor(
  { signal, config }: Context,
  { backend, options, report, placement }: Job,
): Promise<ImportSettings> {
  const choices = choicesOf(options);
  const offers = await offersOf(backend, signal);
  return {
    backend: askingWith(backend, choices.deploymentOption),
    target: {
      resourcePool: placement.resourcePool.id,
      folder: placement.folder?.id,
      host: placement.host?.id,
    },
    parameters: ({ parameters }) => parametersFor(parameters, { choices, offers }),
    flags: options.lax ? ['LAX'] : [],
    locale: config.locale,
    signal,
    onProgress: progressTo(report),
    poll: { firstMs: 100 }, // a small package is there before half a second is over
  };
}

interface Job {
  readonly backend: RestBackend;
  readonly options: ImportOptions;
  readonly report: Report;
  readonly placement: ChosenPlacement;
}

/** Sends the package, or has the target fetch it; or only asks what would come of it. */
async function work(settings: ImportSettings, { backend, options, placement }: Job): Promise<Result> {
  const startedAt = performance.now();
  const created = (outcome: ImportResult): Result => ({
    kind: 'created',
    outcome,
    ms: performance.now() - startedAt,
  });
  if (isUrl(options.source)) {
    const pull = { ...settings, url: options.source, thumbprint: options.sourceThumbprint };
    return options.dryRun
      ? { kind: 'plan', plan: await planImportUrl(pull), placement }
      : created(await importUrl(pull));
  }
  if (isLibraryItem(options.source)) {
    const item = await findSourceItem(backend, options.source, {
      signal: settings.signal ?? new AbortController().signal,
    });
    return options.dryRun
      ? { kind: 'plan', plan: await planImportLibraryItem({ ...settings, item }), placement }
      : created(await importLibraryItem({ ...settings, item }));
  }
  const reader = await openPackage(options.source);
  try {
    const push = { ...settings, package: reader, verifyManifest: options.verify };
    return options.dryRun
      ? { kind: 'plan', plan: await planImport(push), placement }
      : created(await importPackage(push));
  } finally {
    await reader.close();
  }
}

async function run(context: Context, { options: flags, report }: Pick<Job, 'options' | 'report'>): Promise<Result> {
  const options = await withOptionsFile(flags);
  checkSource(options);
  if (!isAtTarget(options.source)) await (await openPackage(options.source)).close(); // a wrong path is told before a password is asked for
  return withTarget(context, { target: options.to, options }, async (backend) => {
    requireSessionApi(backend);
    const placement = await choosePlacement(backend, { options, signal: context.signal });
    const job = { backend, options, report, placement };
    const result = await work(await settingsFor(context, job), job);
    if (result.kind === 'created') tellMessages(report, result.outcome);
    return result;
  });
}

function tellMessages(report: Report, { warnings, information }: ImportResult): void {
  for (const message of warnings.flatMap(problemTexts)) report.event({ type: 'warning', message });
  for (const message of information.flatMap(informationTexts)) report.event({ type: 'information', message });
}

function resultLine(result: Result): Readonly<Record<string, unknown>> {
  if (result.kind === 'plan') {
    const { parameters, validation } = result.plan;
    return { command: 'import', dryRun: true, placement: result.placement, parameters, validation };
  }
  const { vmId, vappId, sessionId, bytesSent } = result.outcome;
  return { command: 'import', vmId, vappId, sessionId, bytesSent, ms: Math.round(result.ms) };
}

function print({ output }: Context, result: Result): void {
  if (result.kind === 'plan') {
    for (const line of dryRunPage(result.plan, { placement: result.placement, style: output.style })) output.line(line);
    return;
  }
  const { outcome, ms } = result;
  const { vmId, vappId, bytesSent } = outcome;
  const moved = bytesSent > 0 ? `, ${formatSize(bytesSent)} at ${formatRate((bytesSent / ms) * 1000)}` : '';
  output.line(
    `${vappId === undefined ? 'Virtual machine' : 'vApp'} ${vmId ?? vappId ?? ''} (${formatDuration(ms)}${moved})`,
  );
}

/** Imports a package, or says what an import would do. */
export async function importAction(context: Context, options: ImportOptions): Promise<void> {
  await reported<Result>(context, {
    json: options.json,
    run: (report) => run(context, { options, report }),
    resultLine,
    print: (result) => print(context, result),
  });
}
