import { parseArgs } from 'node:util';
import { ConfigError } from './config.ts';
import { settings } from './settings.ts';

/** The command line. */
export interface Flags {
  /** By the key of a setting; `true` for a switch. */
  readonly settings: ReadonlyMap<string, string | boolean>;
  /** Path of the configuration file. */
  readonly config?: string;
  /** What to do instead of serving. */
  readonly show?: 'help' | 'version' | 'config';
  /** Words that are no flags: a command such as `user add anna`. */
  readonly words: readonly string[];
  /** Of the user that `user add` makes. */
  readonly role?: string;
  /** Whether `gc` is to delete nothing. */
  readonly isDryRun: boolean;
}

const options = {
  ...Object.fromEntries(
    settings.map(({ flag, form }) => [flag, { type: form === 'yesNo' ? ('boolean' as const) : ('string' as const) }]),
  ),
  config: { type: 'string' },
  role: { type: 'string' },
  'check-config': { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const;

/** @throws ConfigError for a flag that is unknown or lacks its value */
export function readFlags(argv: readonly string[]): Flags {
  const { values, positionals } = parse(argv);
  const { help, version, config, role } = values;
  const given = new Map(Object.entries(values));
  const show = help ? 'help' : version ? 'version' : values['check-config'] ? 'config' : undefined;
  return {
    settings: new Map(
      settings.flatMap(({ key, flag }) => {
        const value = given.get(flag);
        return value === undefined ? [] : [[key, value] as const];
      }),
    ),
    words: positionals,
    isDryRun: values['dry-run'] ?? false,
    ...(config === undefined ? {} : { config }),
    ...(role === undefined ? {} : { role }),
    ...(show === undefined ? {} : { show }),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: true });
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
