import { z } from 'zod';
import type { Pair } from '../arguments.ts';
import { defaultWaitSeconds } from '../arguments.ts';
import { CliError } from '../errors.ts';
import { deploymentSpecSchema } from './deployment-spec.ts';

/** What an options file decides; flags come before it. */
export interface FileChoices {
  readonly name?: string | undefined;
  readonly deploymentOption?: string | undefined;
  readonly diskMode?: string | undefined;
  readonly acceptEula?: true | undefined;
  readonly annotation?: string | undefined;
  readonly powerOn?: true | undefined;
  /** Seconds. */
  readonly waitForIp?: number | undefined;
  readonly markAsTemplate?: true | undefined;
  readonly injectOvfEnv?: true | undefined;
  readonly net: readonly string[];
  readonly prop: readonly Pair[];
}

// tolerant: other versions of govc write more
const govcSchema = z.object({
  Deployment: z.string().optional(),
  DiskProvisioning: z.string().optional(),
  IPAllocationPolicy: z.string().optional(),
  IPProtocol: z.string().optional(),
  PropertyMapping: z.array(z.object({ Key: z.string(), Value: z.string() })).nullish(),
  NetworkMapping: z.array(z.object({ Name: z.string(), Network: z.string() })).nullish(),
  Annotation: z.string().optional(),
  MarkAsTemplate: z.boolean().optional(),
  PowerOn: z.boolean().optional(),
  InjectOvfEnv: z.boolean().optional(),
  WaitForIP: z.boolean().optional(),
  Name: z.string().nullish(),
});
type Govc = z.infer<typeof govcSchema>;

const given = (text: string | null | undefined): string | undefined =>
  text === null || text === undefined || text === '' ? undefined : text;

/** How addresses are given out is not ours to say: better refused than forgotten. */
function checkSupported(options: Govc): void {
  const wanted = [
    ...((options.IPAllocationPolicy ?? 'dhcpPolicy') === 'dhcpPolicy' ? [] : ['IPAllocationPolicy']),
    ...((options.IPProtocol ?? 'IPv4') === 'IPv4' ? [] : ['IPProtocol']),
  ];
  if (wanted.length > 0)
    throw new CliError('usage', `The options file asks for what ovfkit does not do: ${wanted.join(', ')}`, {
      hint: 'Set it to its default.',
    });
}

/** govc's `flat` is its default and means thick, as all but two modes do at a vCenter. */
const diskModes: Readonly<Record<string, string>> = { thin: 'thin', eagerZeroedThick: 'eagerZeroedThick' };

function fromGovc(options: Govc): FileChoices {
  checkSupported(options);
  const provisioning = given(options.DiskProvisioning);
  return {
    name: given(options.Name),
    deploymentOption: given(options.Deployment),
    diskMode: provisioning === undefined ? undefined : (diskModes[provisioning] ?? 'thick'),
    annotation: given(options.Annotation),
    powerOn: options.PowerOn || undefined,
    waitForIp: options.WaitForIP ? defaultWaitSeconds : undefined,
    markAsTemplate: options.MarkAsTemplate || undefined,
    injectOvfEnv: options.InjectOvfEnv || undefined,
    net: (options.NetworkMapping ?? [])
      .filter(({ Network }) => Network !== '')
      .map(({ Name, Network }) => `${Name}=${Network}`),
    prop: (options.PropertyMapping ?? [])
      .filter(({ Value }) => Value !== '')
      .map(({ Key, Value }) => ({ key: Key, value: Value })),
  };
}

function fromSpec(spec: z.infer<typeof deploymentSpecSchema>): FileChoices {
  return {
    name: given(spec.name),
    deploymentOption: given(spec.deploymentOption),
    diskMode: given(spec.diskMode),
    acceptEula: spec.acceptEula ? true : undefined,
    annotation: spec.annotation ?? undefined,
    net: spec.networks.flatMap(({ source, target }) => (target === null ? [] : [`${source}=${target}`])),
    prop: spec.properties.flatMap(({ key, value }) => (value === null ? [] : [{ key, value }])),
  };
}

/**
 * Reads an options file: govc's, or a spec of ours, told by its `version`.
 * @throws CliError that names what is wrong in it
 */
export function readOptionsFile(text: string, file: string): FileChoices {
  const json = parseJson(text, file);
  const isSpec = typeof json === 'object' && json !== null && 'version' in json;
  const result = isSpec
    ? deploymentSpecSchema.transform(fromSpec).safeParse(json)
    : govcSchema.transform(fromGovc).safeParse(json);
  if (result.success) return result.data;
  throw new CliError('usage', `${file} is not an options file of govc or ovfkit`, {
    details: result.error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`),
    hint: 'ovfkit spec PACKAGE prints one to fill in.',
  });
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CliError('usage', `${file} is not JSON: ${cause instanceof Error ? cause.message : ''}`, { cause });
  }
}
