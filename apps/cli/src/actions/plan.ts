import type { Context } from '../context.ts';
import { CliError, exitClassOf, exitCodes } from '../errors.ts';
import { checkOptions, type ImportOptions, sourceKindOf } from '../import/import-options.ts';
import { withImportScene } from '../import/import-scene.ts';
import { lookAt } from '../import/look-at.ts';
import { withOptionsFile } from '../import/options-file.ts';
import { planPage } from '../output/plan-page.ts';
import type { Report } from '../output/report.ts';
import { reported } from '../output/reported.ts';
import { lookAhead, planOf } from '../plan/make-plan.ts';
import { createNotes } from '../plan/notes.ts';
import type { Plan } from '../plan/plan.ts';
import { type Hop, walkHops } from '../target/hops.ts';
import { resolveTarget } from '../target/resolve-target.ts';

/** A package or options that cannot be read end it; everything else is part of the plan. */
async function makePlan(
  context: Context,
  { options: flags, report }: { readonly options: ImportOptions; readonly report: Report },
): Promise<Plan> {
  const { signal } = context;
  const options = await withOptionsFile(flags);
  checkOptions(options);
  if (sourceKindOf(options.source) === 'stdin')
    throw new CliError('usage', 'Standard input cannot be planned: it is read once', {
      hint: 'Write the package to a file, and give its path.',
    });
  const looked = await lookAt(options);
  const notes = createNotes();
  const target = await resolveTarget(options.to, { config: context.config, options });
  const hops: readonly Hop[] = (await walkHops(target, signal)).hops;
  try {
    return await withImportScene(context, { options, report, looked }, async (scene) =>
      planOf(scene, { found: await lookAhead(scene, { notes, hops }), notes, hops }),
    );
  } catch (error) {
    signal.throwIfAborted();
    notes.fail('target', error);
    return planOf({ options }, { found: undefined, notes, hops });
  }
}

/** @throws CliError when something stands in the way of the import */
function refuse({ exitCode, problems }: Plan): void {
  if (exitCode === exitCodes.ok) return;
  const errors = problems.filter(({ severity }) => severity === 'error');
  const [first, second] = errors;
  const text = second === undefined ? (first?.message ?? '') : `${errors.length} things stand in the way of the import`;
  throw new CliError(exitClassOf(exitCode), text);
}

/** Says what an import would do, and what stands in its way; makes nothing. */
export async function planAction(context: Context, options: ImportOptions): Promise<void> {
  const { output } = context;
  await reported<Plan>(context, {
    json: options.json,
    async run(report) {
      const plan = await makePlan(context, { options, report });
      if (options.json) report.event({ type: 'plan', ...plan });
      return plan;
    },
    resultLine(plan) {
      refuse(plan);
      return { command: 'plan', dryRun: true };
    },
    print(plan) {
      for (const line of planPage(plan, output)) output.line(line);
      refuse(plan);
    },
  });
}
