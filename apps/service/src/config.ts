import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname, resolve } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import type { z } from 'zod';
import type { Flags } from './flags.ts';
import { Config, settings } from './settings.ts';

/** Everything that is wrong with how the service was called, one problem a line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** A value with where it came from: `--listen`, `OVFKITD_LISTEN`, `listen in ovfkitd.toml`. */
interface Given {
  readonly key: string;
  readonly value: unknown;
  readonly from: string;
}

/** The environment, as far as it is looked at. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Flags win over the environment, and that over the file. Paths in the file are relative to its folder.
 * @throws ConfigError naming every problem with the key and where it was set
 */
export function readConfig(flags: Flags, environment: Environment): Config {
  const given = givenBy(flags, environment);
  const result = Config.safeParse(nest([...given.values()]));
  const problems = [
    ...(result.success ? extraProblems(result.data) : result.error.issues.flatMap(describe)),
    ...strangers(environment),
  ];
  if (result.success && problems.length === 0) return result.data;
  const file = fileOf(flags, environment);
  throw new ConfigError(
    problems.map(({ key, text }) => `${given.get(key)?.from ?? nameOf(key, file)}: ${text}`).join('\n'),
  );
}

/** Every setting as it is used, a line each, with where it was set. What is secret shows only that it is set. */
export function describeConfig(flags: Flags, environment: Environment): readonly string[] {
  const given = givenBy(flags, environment);
  const lines = settings.map(({ key, default: byDefault }) => {
    const own = given.get(key);
    return own === undefined ? `${key} = ${byDefault} (default)` : `${key} = ${String(own.value)} (${own.from})`;
  });
  const secrets = knownSecrets.filter((name) => (environment[name] ?? '') !== '');
  return [...lines, ...secrets.map((name) => `${name} = … (set)`)];
}

const knownSecrets = ['OVFKITD_ADMIN_PASSWORD', 'OVFKITD_USER_PASSWORD'];

const fileOf = (flags: Flags, environment: Environment): string | undefined =>
  flags.config ?? environment['OVFKITD_CONFIG'];

/** By key; what was set last wins. */
function givenBy(flags: Flags, environment: Environment): ReadonlyMap<string, Given> {
  const file = fileOf(flags, environment);
  const given = [...(file === undefined ? [] : fromFile(file)), ...fromEnvironment(environment), ...fromFlags(flags)];
  return new Map(given.map((each) => [each.key, each]));
}

/** A variable with a slip in its name would be a setting that does nothing. */
function strangers(environment: Environment): readonly Problem[] {
  const known = new Set([...settings.map((each) => each.environment), 'OVFKITD_CONFIG', ...knownSecrets]);
  return Object.keys(environment)
    .filter((name) => name.startsWith('OVFKITD_') && !known.has(name))
    .map((key) => ({ key, text: 'there is no such setting' }));
}

interface Problem {
  readonly key: string;
  readonly text: string;
}

function describe(issue: z.core.$ZodIssue): readonly Problem[] {
  const path = issue.path.filter((part) => typeof part === 'string');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ key: [...path, key].join('.'), text: 'there is no such setting' }));
  const isMissing =
    issue.code === 'invalid_type' && issue.input === undefined && issue.message.startsWith('Invalid input');
  return [{ key: path.join('.'), text: isMissing ? 'is missing' : issue.message }];
}

function extraProblems({ plainHttp, listen, tls, publicUrl }: Config): readonly Problem[] {
  const { username = '', password = '' } = URL.parse(publicUrl ?? '') ?? {};
  const withSecrets =
    username + password === ''
      ? []
      : [{ key: 'publicUrl', text: 'a user name or a password would be told to everyone' }];
  if (!plainHttp) return withSecrets;
  const onLoopback = isLoopback(listen.host)
    ? []
    : [
        {
          key: 'plainHttp',
          text: `passwords would cross the network in the clear on ${listen.host}: plain HTTP is for loopback addresses only`,
        },
      ];
  const withTls = tls === undefined ? [] : [{ key: 'plainHttp', text: 'tls.cert and tls.key are set as well' }];
  return [...withSecrets, ...onLoopback, ...withTls];
}

/** Whether only this machine reaches a host: 127.0.0.0/8, ::1 or localhost. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

function nameOf(key: string, file: string | undefined): string {
  const setting = settings.find((each) => each.key === key);
  if (setting === undefined) return file === undefined ? key : `${key} in ${file}`;
  return `--${setting.flag} or ${setting.environment}`;
}

function fromFlags(flags: Flags): readonly Given[] {
  return settings.flatMap(({ key, flag, form }) => {
    const value = flags.settings.get(key);
    if (value === undefined) return [];
    return [{ key, value: typeof value === 'string' ? readText(form, value) : value, from: `--${flag}` }];
  });
}

function fromEnvironment(environment: Environment): readonly Given[] {
  return settings.flatMap(({ key, environment: name, form }) => {
    const text = environment[name];
    return text === undefined || text === '' ? [] : [{ key, value: readText(form, text), from: name }];
  });
}

function readText(form: (typeof settings)[number]['form'], text: string): unknown {
  switch (form) {
    case 'yesNo':
    case 'choice':
      return (
        new Map<string, unknown>([
          ['true', true],
          ['1', true],
          ['false', false],
          ['0', false],
        ]).get(text) ?? text
      );
    case 'list':
      return text.split(',').map((each) => each.trim());
    case 'text':
    case 'path':
      return text;
  }
}

function fromFile(path: string): readonly Given[] {
  const folder = dirname(resolve(path));
  return flatten(readToml(path), '').map(({ key, value }) => {
    const isPath = settings.some((each) => each.key === key && each.form === 'path');
    const absolute = isPath && typeof value === 'string' ? resolve(folder, value) : value;
    return { key, value: absolute, from: `${key} in ${path}` };
  });
}

function readToml(path: string): object {
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof TomlError)
      throw new ConfigError(`${path}:${error.line}:${error.column}: ${error.message}`, { cause: error });
    throw new ConfigError(`--config: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

const isTable = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

function flatten(table: object, prefix: string): readonly { readonly key: string; readonly value: unknown }[] {
  return Object.entries(table).flatMap(([name, value]) =>
    isTable(value) ? flatten(value, `${prefix}${name}.`) : [{ key: `${prefix}${name}`, value }],
  );
}

function nest(given: readonly Given[]): object {
  const names = new Set(given.map(({ key }) => key.split('.')[0] ?? key));
  const entries = [...names].map((name): [string, unknown] => {
    const whole = given.find(({ key }) => key === name);
    if (whole) return [name, whole.value];
    const members = given.filter(({ key }) => key.startsWith(`${name}.`));
    return [name, nest(members.map((each) => ({ ...each, key: each.key.slice(name.length + 1) })))];
  });
  return Object.fromEntries(entries);
}
