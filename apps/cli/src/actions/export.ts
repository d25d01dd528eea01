import { type InventoryServices, SessionError } from '@ovfkit/domain';
import {
  createFileSink,
  type ExportResult,
  exportPackage,
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
import { requireSessionApi, withTarget } from '../target/connect.ts';
import type { TargetOptions } from '../target/resolve-target.ts';

export interface ExportOptions extends TargetOptions {
  readonly source: string;
  readonly from: string;
  readonly output: string;
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

async function openSink({ output, overwrite }: ExportOptions): Promise<PackageSink> {
  try {
    return await createFileSink(output, { overwrite: overwrite ? 'replace' : 'fail' });
  } catch (error) {
    if (!(error instanceof SessionError) || error.kind !== 'ALREADY_EXISTS') throw error;
    throw new CliError('usage', error.message, { hint: 'Choose another path, or give --overwrite.', cause: error });
  }
}

interface Result {
  readonly outcome: ExportResult;
  readonly ms: number;
}

async function run(context: Context, { options, report }: { options: ExportOptions; report: Report }): Promise<Result> {
  const { signal } = context;
  const startedAt = performance.now();
  return withTarget(context, { target: options.from, options }, async (backend) => {
    requireSessionApi(backend);
    const { inventory, features } = backend;
    const source = await chooseSource(options, { inventory, canListVapps: () => features.vappList, signal });
    const target = await openSink(options);
    const outcome = await exportPackage({
      backend,
      source,
      target,
      flags: options.flag,
      name: options.name,
      description: options.description,
      signal,
      onProgress: progressTo(report),
    });
    return { outcome, ms: performance.now() - startedAt };
  });
}

/** Exports a virtual machine or a vApp. */
export async function exportAction(context: Context, options: ExportOptions): Promise<void> {
  await reported<Result>(context, {
    json: options.json,
    run: (report) => run(context, { options, report }),
    resultLine: ({ outcome, ms }) => ({ command: 'export', output: options.output, ...outcome, ms: Math.round(ms) }),
    print: ({ outcome: { files, bytesReceived }, ms }) => {
      const rate = formatRate((bytesReceived / ms) * 1000);
      context.output.line(`${options.output} (${formatDuration(ms)}, ${formatSize(bytesReceived)} at ${rate})`);
      for (const { name, size } of files) context.output.line(`  ${name}  ${formatSize(size)}`);
    },
  });
}
