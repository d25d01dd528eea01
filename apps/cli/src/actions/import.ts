import type { ImportResult } from '@ovfkit/transfer';
import type { Context } from '../context.ts';
import type { ImportOptions } from '../import/import-options.ts';
import { informationTexts, problemTexts } from '../import/problems.ts';
import { type ImportOutcome, runImport } from '../import/run-import.ts';
import { dryRunPage } from '../output/dry-run-page.ts';
import { formatDuration, formatRate, formatSize } from '../output/format.ts';
import type { Report } from '../output/report.ts';
import { reported } from '../output/reported.ts';

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

function resultLine({ outcome, ms }: Result): Readonly<Record<string, unknown>> {
  switch (outcome.kind) {
    case 'plan': {
      const { plan, placement } = outcome;
      const { parameters, validation } = plan;
      return { command: 'import', dryRun: true, placement, parameters, validation };
    }
    case 'skipped':
      return { command: 'import', skipped: true, name: outcome.name, ...idsOf(outcome.existing) };
    case 'created': {
      const { vmId, vappId, sessionId, bytesSent } = outcome.made;
      return { command: 'import', vmId, vappId, sessionId, bytesSent, ms: Math.round(ms) };
    }
  }
}

function print({ output }: Context, { outcome, ms }: Result): void {
  if (outcome.kind === 'plan') {
    const { plan, placement } = outcome;
    for (const line of dryRunPage(plan, { placement, style: output.style })) output.line(line);
    return;
  }
  if (outcome.kind === 'skipped') {
    const { kind, id } = outcome.existing;
    output.line(
      `${kind === 'vm' ? 'Virtual machine' : 'vApp'} ${id} has the name ${outcome.name}: nothing was imported`,
    );
    return;
  }
  const { vmId, vappId, bytesSent } = outcome.made;
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
