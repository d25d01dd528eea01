import type { ImportResult } from '@ovfkit/transfer';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import type { ImportOptions } from '../import/import-options.ts';
import { informationTexts, problemTexts } from '../import/problems.ts';
import { type ImportOutcome, type Made, runImport } from '../import/run-import.ts';
import { formatDuration, formatRate, formatSize, oneLine } from '../output/format.ts';
import type { Report } from '../output/report.ts';
import { reported } from '../output/reported.ts';
import { planAction } from './plan.ts';

interface Result {
  readonly outcome: ImportOutcome;
  readonly ms: number;
}

async function run(context: Context, { options, report }: { options: ImportOptions; report: Report }): Promise<Result> {
  const startedAt = performance.now();
  const outcome = await runImport(context, { options, report });
  if (outcome.kind === 'created' && outcome.messages !== undefined) tellMessages(report, outcome.messages);
  return { outcome, ms: performance.now() - startedAt };
}

function tellMessages(report: Report, { warnings, information }: ImportResult): void {
  for (const message of warnings.flatMap(problemTexts)) report.event({ type: 'warning', message });
  for (const message of information.flatMap(informationTexts)) report.event({ type: 'information', message });
}

const idsOf = ({ kind, id }: { readonly kind: 'vm' | 'vapp'; readonly id: string }) =>
  kind === 'vm' ? { vmId: id } : { vappId: id };

/** @throws CliError for a machine that is there, but not as it was asked for */
function refuseDifferences(outcome: ImportOutcome): void {
  if (outcome.kind !== 'created' || outcome.afterwards.differences.length === 0) return;
  const { vmId, vappId } = outcome.made;
  throw new CliError('verificationFailed', `${vmId ?? vappId ?? ''} was made, but is not what was asked for`, {
    details: outcome.afterwards.differences,
    hint: 'It was neither powered on nor deleted: change it at the target, or delete it and import again.',
  });
}

function resultLine({ outcome, ms }: Result): Readonly<Record<string, unknown>> {
  refuseDifferences(outcome);
  switch (outcome.kind) {
    case 'skipped':
      return { command: 'import', skipped: true, name: outcome.name, ...idsOf(outcome.existing) };
    case 'created': {
      const { vmId, vappId, sessionId, bytesSent, bytesThere } = outcome.made;
      const { addresses } = outcome.afterwards;
      const waited = addresses.length === 0 ? {} : { addresses };
      const moved = { bytesSent, bytesThere, ms: Math.round(ms) };
      return { command: 'import', vmId, vappId, sessionId, ...moved, ...waited };
    }
  }
}

/** What came of the bytes, in words: as fast as the line is only what was sent. */
function movedText({ bytesSent, bytesThere }: Made, ms: number): string {
  if (bytesThere > 0) return `, ${formatSize(bytesThere)} already there, ${formatSize(bytesSent)} sent`;
  return bytesSent > 0 ? `, ${formatSize(bytesSent)} at ${formatRate((bytesSent / ms) * 1000)}` : '';
}

function print({ output }: Context, { outcome, ms }: Result): void {
  if (outcome.kind === 'skipped') {
    const { kind, id } = outcome.existing;
    output.line(
      `${kind === 'vm' ? 'Virtual machine' : 'vApp'} ${id} has the name ${outcome.name}: nothing was imported`,
    );
    return;
  }
  const { vmId, vappId } = outcome.made;
  output.line(
    `${vappId === undefined ? 'Virtual machine' : 'vApp'} ${vmId ?? vappId ?? ''} (${formatDuration(ms)}${movedText(outcome.made, ms)})`,
  );
  for (const { vm, address } of outcome.afterwards.addresses) output.line(`Address of ${vm}: ${oneLine(address)}`);
  refuseDifferences(outcome);
}

/** Imports a package, or says what an import would do. */
export async function importAction(context: Context, options: ImportOptions): Promise<void> {
  if (options.dryRun) return planAction(context, options);
  await reported<Result>(context, {
    json: options.json,
    run: (report) => run(context, { options, report }),
    resultLine,
    print: (result) => print(context, result),
  });
}
