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
  const file = flags.config ?? environment['OVFKITD_CONFIG'];
  const given = [...(file === undefined ? [] : fromFile(file)), ...fromEnvironment(environment), ...fromFlags(flags)];
  const last = new Map(given.map((each) => [each.key, each]));
  const result = Config.safeParse(nest([...last.values()]));
  const problems = result.success ? extraProblems(result.data) : result.error.issues.flatMap(describe);
  if (!result.success || problems.length > 0) {
    throw new ConfigError(
      problems.map(({ key, text }) => `${last.get(key)?.from ?? nameOf(key, file)}: ${text}`).join('\n'),
    );
  }
  return result.data;
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

function extraProblems({ plainHttp, listen, tls }: Config): readonly Problem[] {
  if (!plainHttp) return [];
  const onLoopback = isLoopback(listen.host)
    ? []
    : [
        {
          key: 'plainHttp',
          text: `passwords would cross the network in the clear on ${listen.host}: plain HTTP is for loopback addresses only`,
        },
      ];
  const withTls = tls === undefined ? [] : [{ key: 'plainHttp', text: 'tls.cert and tls.key are set as well' }];
  return [...onLoopback, ...withTls];
}

/** Whether only this machine reaches a host: 127.0.0.0/8, ::1 or localhost. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

function nameOf(key: string, file: string | undefined): string {
  const setting = settings.find((each) => each.key === key);
  if (setting === undefined) return file === undefined ? key : `${key} in ${file}`;
  return [...(setting.flag === undefined ? [] : [`--${setting.flag}`]), setting.environment].join(' or ');
}

function fromFlags(flags: Flags): readonly Given[] {
  const values = new Map<string, unknown>([
    ['data', flags.data],
    ['listen', flags.listen],
    ['plainHttp', flags.plainHttp],
  ]);
  return settings.flatMap(({ key, flag }) => {
    const value = values.get(key);
    return flag === undefined || value === undefined ? [] : [{ key, value, from: `--${flag}` }];
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
