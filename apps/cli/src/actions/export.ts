import { type InventoryServices, type SessionBackend, SessionError } from '@ovfkit/domain';
import {
  createFileSink,
  type ExportResult,
  exportPackage,
  exportToLibrary,
  type LibraryExportResult,
  type PackageSink,
  type ExportOptions as TransferOptions,
} from '@ovfkit/transfer';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { type Candidate, choose } from '../import/placement.ts';
import { formatDuration, formatRate, formatSize } from '../output/format.ts';
import { progressTo } from '../output/progress.ts';
import type { Report } from '../output/report.ts';
import { reported } from '../output/reported.ts';
import { findLibrary } from '../source/library-item.ts';
import { requireSessionApi, withTarget } from '../target/connect.ts';
import type { TargetOptions } from '../target/resolve-target.ts';

export interface ExportOptions extends TargetOptions {
  readonly source: string;
  readonly from: string;
  readonly output?: string | undefined;
  /** Name or id of a content library of the target. */
  readonly toLibrary?: string | undefined;
  readonly vapp?: true | undefined;
  readonly flag?: readonly string[] | undefined;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly overwrite?: true | undefined;
  readonly json?: true | undefined;
}

async function candidatesOf(
  { vm, vapp }: InventoryServices,
  { kind, signal }: { readonly kind: 'vm' | 'vapp'; readonly signal: AbortSignal },
): Promise<readonly Candidate[]> {
  if (kind === 'vm') return (await vm.list({}, { signal })).map(({ vm: id, name }) => ({ id, name }));
  return (await vapp.list({}, { signal })).map(({ vapp: id, name }) => ({ id, name }));
}

type TransferSource = TransferOptions['source'];

/** What to export. A target that lists no vApps takes the id as it is. */
async function chooseSource(
  { source, vapp }: ExportOptions,
  {
    inventory,
    canListVapps,
    signal,
  }: { inventory: InventoryServices; canListVapps: () => boolean; signal: AbortSignal },
): Promise<TransferSource> {
  if (vapp && !canListVapps()) return { vappId: source };
  const kind = vapp ? 'vapp' : 'vm';
  const candidates = await candidatesOf(inventory, { kind, signal });
  const { id } = choose(source, {
    what: vapp ? 'vApp' : 'virtual machine',
    flag: 'its id in place of the name',
    candidates,
  });
  return vapp ? { vappId: id } : { vmId: id };
}

async function openSink({ overwrite }: ExportOptions, output: string): Promise<PackageSink> {
  try {
    return await createFileSink(output, { overwrite: overwrite ? 'replace' : 'fail' });
  } catch (error) {
    if (!(error instanceof SessionError) || error.kind !== 'ALREADY_EXISTS') throw error;
    throw new CliError('usage', error.message, { hint: 'Choose another path, or give --overwrite.', cause: error });
  }
}

/** The library, and with `--overwrite` its item of that name when it has one. */
async function chooseItem(
  backend: SessionBackend,
  { toLibrary = '', name, overwrite }: ExportOptions,
  signal: AbortSignal,
): Promise<{ readonly library: string; readonly item?: string }> {
  const library = await findLibrary(backend, toLibrary, { signal });
  if (!overwrite || name === undefined) return { library };
  const [item] = await backend.contentLibrary.item.find({ spec: { libraryId: library, name } }, { signal });
  return item === undefined ? { library } : { library, item };
}

function checkTarget({ output, toLibrary, overwrite, name }: ExportOptions): void {
  if ((output === undefined) === (toLibrary === undefined))
    throw new CliError('usage', 'Say where the package goes: -o PATH, or --to-library LIBRARY', {
      hint: 'Give one of the two.',
    });
  if (toLibrary !== undefined && overwrite && name === undefined)
    throw new CliError('usage', '--overwrite does not know which item', { hint: 'Name it with --name.' });
}

interface Result {
  readonly outcome: ExportResult | LibraryExportResult;
  readonly ms: number;
}

async function run(context: Context, { options, report }: { options: ExportOptions; report: Report }): Promise<Result> {
  const { signal } = context;
  const startedAt = performance.now();
  return withTarget(context, { target: options.from, options }, async (backend) => {
    requireSessionApi(backend);
    const { inventory, features } = backend;
    const source = await chooseSource(options, { inventory, canListVapps: () => features.vappList, signal });
    const settings = {
      backend,
      source,
      flags: options.flag,
      name: options.name,
      description: options.description,
      signal,
      onProgress: progressTo(report),
    };
    const outcome =
      options.toLibrary === undefined
        ? await exportPackage({ ...settings, target: await openSink(options, options.output ?? '') })
        : await exportToLibrary({ ...settings, ...(await chooseItem(backend, options, signal)) });
    return { outcome, ms: performance.now() - startedAt };
  });
}

/** Exports a virtual machine or a vApp. */
export async function exportAction(context: Context, options: ExportOptions): Promise<void> {
  checkTarget(options);
  await reported<Result>(context, {
    json: options.json,
    run: (report) => run(context, { options, report }),
    resultLine: ({ outcome, ms }) => ({
      command: 'export',
      output: options.output,
      library: options.toLibrary,
      ...outcome,
      ms: Math.round(ms),
    }),
    print: ({ outcome, ms }) => {
      if ('libraryItemId' in outcome)
        return context.output.line(`Library item ${outcome.libraryItemId} (${formatDuration(ms)})`);
      const { files, bytesReceived } = outcome;
      const rate = formatRate((bytesReceived / ms) * 1000);
      context.output.line(`${options.output} (${formatDuration(ms)}, ${formatSize(bytesReceived)} at ${rate})`);
      for (const { name, size } of files) context.output.line(`  ${name}  ${formatSize(size)}`);
    },
  });
}
