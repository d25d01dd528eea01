import type { Config } from './config.ts';
import type { Output } from './output/output.ts';

/** What every command is given. */
export interface Context {
  readonly config: Config;
  readonly output: Output;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** The standard input, read to its end. */
  readonly readInput: () => Promise<string>;
}
