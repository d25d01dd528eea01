import { join } from 'node:path';
import { CliError } from './errors.ts';
import { type Govc, readGovc } from './target/govc.ts';

/** What the command line takes from its environment, read once. */
export interface Config {
  /** Folder of targets.toml and secrets.toml. */
  readonly folder: string;
  /** Folder of the imports that have begun and not ended. */
  readonly jobs: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Of a named target: `OVFKIT_TARGET_<NAME>_PASSWORD`, the name in capitals, other characters as `_`. */
  readonly passwordOf: (target: string) => string | undefined;
  /** What the environment says to govc, and so to us; absent without GOVC_URL. */
  readonly govc: Govc | undefined;
  /** Of a private key or a PKCS#12 file. */
  readonly keyPassphrase: string | undefined;
  /** Stack traces for unexpected errors. */
  readonly debug: 'on' | 'off';
  /** Silence that ends a call or a transfer; a minute when it is not said. @throws CliError for what is no time */
  readonly stallTimeoutMs: () => number | undefined;
  /** BCP 47 tag for messages of packages and targets. */
  readonly locale: string | undefined;
  /** Folders to look for programs in. */
  readonly path: readonly string[];
}

const given = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

/** Seconds as milliseconds. @throws CliError for what is no number of them */
function secondsOf(env: NodeJS.ProcessEnv, name: string): number | undefined {
  const text = given(env[name]);
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds > 0) return seconds * 1000;
  throw new CliError('usage', `${name} is ${JSON.stringify(text)}, not a number of seconds above 0`);
}

/** `de_DE.UTF-8` gives `de-DE`; the C locale has no language. */
function localeOf(text: string | undefined): string | undefined {
  const tag = text?.split(/[.@]/)[0]?.replace('_', '-');
  return tag === undefined || tag === '' || tag === 'C' || tag === 'POSIX' ? undefined : tag;
}

async function configFolder(env: NodeJS.ProcessEnv): Promise<string> {
  const own = given(env['OVFKIT_CONFIG_DIR']);
  if (own !== undefined) return own;
  const { default: envPaths } = await import('env-paths');
  return join(envPaths('ovfkit', { suffix: '' }).config);
}

/** What is worth keeping and no setting, `~/.local/state/ovfkit` on Linux. */
async function stateFolder(env: NodeJS.ProcessEnv): Promise<string> {
  const own = given(env['OVFKIT_STATE_DIR']);
  if (own !== undefined) return own;
  const { default: envPaths } = await import('env-paths');
  return envPaths('ovfkit', { suffix: '' }).log;
}

/** Reads the environment. */
export async function readConfig(env: NodeJS.ProcessEnv): Promise<Config> {
  return {
    folder: await configFolder(env),
    jobs: join(await stateFolder(env), 'jobs'),
    user: given(env['OVFKIT_USER']),
    password: given(env['OVFKIT_PASSWORD']),
    passwordOf: (target) => given(env[`OVFKIT_TARGET_${target.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_PASSWORD`]),
    govc: readGovc(env),
    keyPassphrase: given(env['OVFKIT_KEY_PASSPHRASE']),
    debug: given(env['OVFKIT_DEBUG']) === undefined ? 'off' : 'on',
    stallTimeoutMs: () => secondsOf(env, 'OVFKIT_STALL_TIMEOUT'),
    locale: localeOf(given(env['LC_ALL']) ?? given(env['LC_MESSAGES']) ?? given(env['LANG'])),
    path: (env['PATH'] ?? '').split(process.platform === 'win32' ? ';' : ':').filter((folder) => folder !== ''),
  };
}
