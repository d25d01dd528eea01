import type { VmInfo } from '@ovfkit/domain';
import { resolveConfiguration } from '@ovfkit/package-format';
import type { ImportOptions } from '../import/import-options.ts';
import type { ImportScene } from '../import/import-scene.ts';
import { lastOf } from '../import/places.ts';
import { formatSize } from '../output/format.ts';

type Scene = Pick<ImportScene, 'backend' | 'options' | 'looked'> & {
  readonly context: Pick<ImportScene['context'], 'signal'>;
};

/** A machine as the target has it. */
interface Machine {
  readonly vm: string;
  readonly info: VmInfo;
}

/** Names by id, of what the target calls by ids. */
type Names = ReadonlyMap<string, string>;

/** What is not as it was asked for, one sentence each. */
export interface Differences {
  readonly errors: readonly string[];
  /** What some datastores cannot give, whatever is asked for: thin where they know only thick, or the other way round. */
  readonly warnings: readonly string[];
}

/** Reads what was made, and compares it with what was asked for. What the target does not tell of a machine is not compared. */
export async function readBack(scene: Scene, vms: readonly string[]): Promise<Differences> {
  const { backend, context, options } = scene;
  const machines = await Promise.all(
    vms.map(async (vm) => ({ vm, info: await backend.inventory.vm.get({ vm }, context) })),
  );
  if (machines.length === 0) return { errors: [], warnings: [] };
  const names = await namesOf(scene);
  return {
    errors: [
      ...(machines.length === 1 ? machines.flatMap((machine) => hardwareDifferences(scene, machine)) : []),
      ...networkDifferences(scene, { machines, names }),
      ...machines.flatMap((machine) => storageDifferences(options, { machine, names })),
      ...propertyDifferences(options, machines),
    ],
    warnings: machines.flatMap((machine) => provisioningDifferences(options, machine)),
  };
}

async function namesOf({ backend: { inventory }, context, options }: Scene): Promise<Names> {
  const { net = [], datastore, diskDatastore = [], storagePolicy } = options;
  const [networks, datastores, policies] = await Promise.all([
    net.length === 0 ? [] : inventory.network.list({}, context),
    datastore === undefined && diskDatastore.length === 0 ? [] : inventory.datastore.list({}, context),
    storagePolicy === undefined ? [] : inventory.storagePolicy.list({}, context),
  ]);
  return new Map([
    ...networks.map(({ network, name }) => [network, name] as const),
    ...datastores.map(({ datastore: id, name }) => [id, name] as const),
    ...policies.map(({ policy, name }) => [policy, name] as const),
  ]);
}

const difference = (vm: string, { what, is, asked }: { what: string; is: string; asked: string }): string =>
  `${vm}: ${what} is ${is}, not ${asked}`;

/** Whether an object of the target is the one that an option names, by id, name or path. */
const isMeant = (wanted: string, id: string, names: Names): boolean =>
  [id, names.get(id)].some((each) => each === wanted || each === lastOf(wanted));

/** What a local package says about its one machine. */
function systemOf({ looked, options }: Scene) {
  const { descriptor } = looked;
  if (descriptor === undefined) return undefined;
  const option = options.deploymentOption ?? descriptor.deploymentOptions.find(({ isDefault }) => isDefault)?.id;
  const { systems } = resolveConfiguration(descriptor, { option, properties: new Map() });
  return systems.length === 1 ? systems[0] : undefined;
}

function hardwareDifferences(scene: Scene, { vm, info }: Machine): readonly string[] {
  const system = systemOf(scene);
  const { deploymentOption, annotation, name } = scene.options;
  const { ovf } = info;
  const capacities = info.disks.map(({ value }) => value.capacity);
  const pairs: readonly (readonly [string, string | number | undefined, string | number | undefined])[] = [
    ['the name', info.name, name],
    ['the number of disks', info.disks.length, system?.disks.length],
    ...(system?.disks ?? []).map(({ capacity }, index) => {
      const own = capacities[index];
      const isSame = own === undefined || capacity === undefined || own >= capacity;
      return [`disk ${index + 1}`, isSame ? undefined : formatSize(own), capacity && formatSize(capacity)] as const;
    }),
    ['the number of network adapters', info.nics.length, system?.nics.length],
    ['the deployment option', ovf?.deploymentOption, deploymentOption],
    ['the annotation', ovf?.annotation, annotation],
  ];
  return pairs.flatMap(([what, is, asked]) =>
    is === undefined || asked === undefined || is === asked
      ? []
      : [difference(vm, { what, is: String(is), asked: String(asked) })],
  );
}

/** `A=B`: `--net` by the networks of the package, where it is known, else by its last `=`. */
function pairOf(text: string, sources: readonly string[]): { readonly source?: string; readonly target: string } {
  const source = sources.filter((name) => text.startsWith(`${name}=`)).toSorted((a, b) => b.length - a.length)[0];
  const at = source === undefined ? text.lastIndexOf('=') : source.length;
  return at < 0 ? { target: text } : { source: text.slice(0, at), target: text.slice(at + 1) };
}

/** In place of a source: of all that nothing else names. */
const everyOther = '*';

function wantedNetworks({ net = [] }: ImportOptions, sources: readonly string[]): readonly ReturnType<typeof pairOf>[] {
  const pairs = net.map((text) => pairOf(text, sources));
  const hasOthers = sources.length === 0 || sources.some((name) => pairs.every(({ source }) => source !== name));
  return pairs.filter(({ source }) => hasOthers || source !== everyOther);
}

/** With one machine whose adapters are known each is looked at; else the networks that were asked for have to be among those there are. */
function networkDifferences(
  scene: Scene,
  { machines, names }: { readonly machines: readonly Machine[]; readonly names: Names },
): readonly string[] {
  const { looked, options } = scene;
  const wanted = wantedNetworks(
    options,
    (looked.descriptor?.networks ?? []).map(({ name }) => name),
  );
  const nics = machines.flatMap(({ vm, info }) => info.nics.map(({ value }) => ({ vm, ...value })));
  const [machine, second] = machines;
  const expected = second === undefined ? systemOf(scene)?.nics : undefined;
  if (machine === undefined || expected?.length !== nics.length)
    return wanted
      .filter(({ target }) =>
        nics.every(({ backing: { network } }) => network !== undefined && !isMeant(target, network, names)),
      )
      .map(({ target }) => `${machines.map(({ vm }) => vm).join(', ')}: no network adapter is connected to ${target}`);
  return nics.flatMap(({ vm, label, backing: { network = '', networkName } }, index) => {
    const source = expected[index]?.network;
    const named = wanted.find((each) => each.source === undefined || each.source === source);
    const target = (named ?? wanted.find((each) => each.source === everyOther))?.target;
    if (target === undefined || network === '' || isMeant(target, network, names)) return [];
    const is = networkName ?? names.get(network) ?? network;
    return [difference(vm, { what: `the network of ${label}`, is, asked: target })];
  });
}

/** The datastore in `[datastore1] web01/disk.vmdk`. */
const datastoreIn = (path: string | undefined): string | undefined => /^\[([^\]]+)\]/.exec(path ?? '')?.[1];

function storageDifferences(
  { datastore, diskDatastore = [], storagePolicy }: ImportOptions,
  { machine: { vm, info }, names }: { readonly machine: Machine; readonly names: Names },
): readonly string[] {
  return info.disks.flatMap(({ value: { label, backing } }, index) => {
    const told = info.ovf?.disks?.[index];
    const at =
      told?.datastore === undefined ? datastoreIn(backing.vmdkFile) : (names.get(told.datastore) ?? told.datastore);
    const profile = told?.storageProfile ?? info.ovf?.storageProfile;
    const pairs: readonly (readonly [string, string | undefined, string | undefined])[] = [
      // a disk that has a datastore of its own is not where the others are
      [
        'the datastore',
        at,
        diskDatastore.length > 0 || datastore === undefined ? undefined : (names.get(datastore) ?? datastore),
      ],
      [
        'the storage policy',
        profile && (names.get(profile) ?? profile),
        storagePolicy && (names.get(storagePolicy) ?? storagePolicy),
      ],
    ];
    return pairs.flatMap(([what, is, asked]) =>
      is === undefined || asked === undefined || is === asked
        ? []
        : [difference(vm, { what: `${what} of ${label}`, is, asked })],
    );
  });
}

function provisioningDifferences({ diskMode }: ImportOptions, { vm, info }: Machine): readonly string[] {
  return info.disks.flatMap(({ value: { label } }, index) => {
    const is = info.ovf?.disks?.[index]?.provisioning;
    if (diskMode === undefined || is === undefined || is === diskMode) return [];
    return [difference(vm, { what: `the provisioning of ${label}`, is, asked: diskMode })];
  });
}

/** Values of passwords are not told. */
function propertyDifferences({ prop = [] }: ImportOptions, machines: readonly Machine[]): readonly string[] {
  const told = machines.flatMap(({ vm, info }) => (info.ovf?.properties ?? []).map((each) => ({ vm, ...each })));
  return prop.flatMap(({ key, value }) => {
    const same = told.filter((each) => each.key === key);
    const found = same.length > 0 ? same : told.filter((each) => each.key.split('.').includes(key));
    return found
      .filter((each) => each.value !== value && each.value.toLowerCase() !== value.toLowerCase())
      .map(({ vm, key: full, value: is }) =>
        difference(vm, { what: `the property ${full}`, is: JSON.stringify(is), asked: JSON.stringify(value) }),
      );
  });
}
