import { readFile } from 'node:fs/promises';
import type { Pair } from '../arguments.ts';
import { CliError } from '../errors.ts';
import { readOptionsFile } from '../spec/read-options-file.ts';

/** What flags and an options file can both say. */
export interface Mergeable {
  readonly options?: string | undefined;
  readonly name?: string | undefined;
  readonly net?: readonly string[] | undefined;
  readonly prop?: readonly Pair[] | undefined;
  readonly diskMode?: string | undefined;
  readonly deploymentOption?: string | undefined;
  readonly acceptEula?: true | undefined;
  readonly annotation?: string | undefined;
  readonly powerOn?: true | undefined;
  readonly waitForIp?: number | undefined;
  readonly markAsTemplate?: true | undefined;
  readonly injectOvfEnv?: true | undefined;
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new CliError('usage', `The options file ${path} cannot be read`, { cause, hint: 'Check the path.' });
  }
}

const sourceOf = (net: string): string | undefined => (net.includes('=') ? net.slice(0, net.indexOf('=')) : undefined);

/** The flags, filled up with what `--options` names; a flag wins over the file. */
export async function withOptionsFile<Flags extends Mergeable>(flags: Flags): Promise<Flags> {
  if (flags.options === undefined) return flags;
  const file = readOptionsFile(await textOf(flags.options), flags.options);
  const nets = flags.net ?? [];
  const named = nets.map(sourceOf);
  const isBare = named.includes(undefined); // `--net TARGET` is for every network there is
  const keys = new Set((flags.prop ?? []).map(({ key }) => key));
  return {
    ...flags,
    name: flags.name ?? file.name,
    diskMode: flags.diskMode ?? file.diskMode,
    deploymentOption: flags.deploymentOption ?? file.deploymentOption,
    acceptEula: flags.acceptEula ?? file.acceptEula,
    annotation: flags.annotation ?? file.annotation,
    powerOn: flags.powerOn ?? file.powerOn,
    waitForIp: flags.waitForIp ?? file.waitForIp,
    markAsTemplate: flags.markAsTemplate ?? file.markAsTemplate,
    injectOvfEnv: flags.injectOvfEnv ?? file.injectOvfEnv,
    net: isBare ? nets : [...nets, ...file.net.filter((net) => !named.includes(sourceOf(net)))],
    prop: [...(flags.prop ?? []), ...file.prop.filter(({ key }) => !keys.has(key))],
  };
}
