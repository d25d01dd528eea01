import { checkCommand, normalizeArguments } from './arguments.ts';
import { readConfig } from './config.ts';
import type { Context } from './context.ts';
import { exitCodes } from './errors.ts';
import { failureOf, usageFailure } from './failure/failure-of.ts';
import { catchInterrupts } from './interrupt.ts';
import { createOutput } from './output/output.ts';
import { createProgram, isCommanderError } from './program.ts';

async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

/** Runs one command; resolves to the exit code. Errors are printed, never thrown. */
export async function runCli(args: readonly string[]): Promise<number> {
  const output = createOutput(process);
  const interrupts = catchInterrupts(() =>
    output.note('Cleaning up. Ctrl-C again ends at once, and leaves the rest to `ovfkit sessions gc`.'),
  );
  const config = await readConfig(process.env);
  const context: Context = { config, output, signal: interrupts.signal, readInput };
  try {
    const { program, exitCode } = createProgram(context);
    checkCommand(
      args,
      program.commands.map((command) => command.name()),
    );
    await program.parseAsync(args.length === 0 ? ['--help'] : [...normalizeArguments(args)], { from: 'user' });
    return exitCode();
  } catch (error) {
    if (isCommanderError(error)) {
      if (error.exitCode === 0) return 0;
      // it has printed what was wrong, but not for programs
      if (args.includes('--json')) output.lines().result({ status: 'failed', failure: usageFailure(error.message) });
      return exitCodes.usage;
    }
    const failure = failureOf(interrupts.signal.aborted ? interrupts.signal.reason : error);
    output.failure(failure);
    if (config.debug === 'on' && error instanceof Error) output.note(error.stack ?? '');
    return failure.exitCode;
  } finally {
    interrupts.release();
  }
}
