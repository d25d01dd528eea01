import { parseArgs } from 'node:util';
import { ConfigError } from './config.ts';

/** The command line. */
export interface Flags {
  readonly data?: string;
  readonly listen?: string;
  readonly plainHttp?: boolean;
  /** Path of the configuration file. */
  readonly config?: string;
  readonly show?: 'help' | 'version';
}

const options = {
  data: { type: 'string' },
  listen: { type: 'string' },
  'plain-http': { type: 'boolean' },
  config: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const;

/** @throws ConfigError for a flag that is unknown or lacks its value */
export function readFlags(argv: readonly string[]): Flags {
  const { help, version, 'plain-http': plainHttp, ...rest } = parse(argv);
  return {
    ...rest,
    ...(plainHttp === undefined ? {} : { plainHttp }),
    ...(help ? { show: 'help' as const } : version ? { show: 'version' as const } : {}),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
