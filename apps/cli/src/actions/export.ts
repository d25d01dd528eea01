import type { Context } from '../context.ts';
import type { ExportOutcome } from '../export/export-job.ts';
import type { ExportOptions } from '../export/export-options.ts';
import { runExport } from '../export/run-export.ts';
import { formatDuration, formatRate, formatSize } from '../output/format.ts';
import { reported } from '../output/reported.ts';

interface Result {
  readonly outcome: ExportOutcome;
  readonly ms: number;
}

/** Exports a virtual machine or a vApp. */
export async function exportAction(context: Context, options: ExportOptions): Promise<void> {
  await reported<Result>(context, {
    json: options.json,
    run: async (report) => {
      const startedAt = performance.now();
      const outcome = await runExport(context, { options, report });
      return { outcome, ms: performance.now() - startedAt };
    },
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
