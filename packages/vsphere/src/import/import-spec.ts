import {
  type Entity,
  findParams,
  type OvfParams,
  SessionError,
  type VirtualDisk,
  type VirtualMachine,
} from '@ovfkit/domain';
import { importKey, importLevelKey } from '../import-mark.ts';
import { itemsOf } from '../vim/vim-shape.ts';
import { managedObject, type VimObject, type VimValue } from '../vim/vim-value.ts';

/** What an import has to say in a spec that the server made. */
export interface SpecEdit {
  readonly key: string;
  readonly entity: Entity;
  readonly parameters: readonly OvfParams[];
  /** Names of datastores by their ids. */
  readonly datastores: ReadonlyMap<string, string>;
}

// The fields that a type declares before the one that is put in, as far as a spec for an import can have them.
const beforeAnnotation = [
  ...['changeVersion', 'name', 'version', 'createDate', 'uuid', 'instanceUuid', 'npivNodeWorldWideName'],
  ...['npivPortWorldWideName', 'npivWorldWideNameType', 'npivDesiredNodeWwns', 'npivDesiredPortWwns'],
  ...[
    'npivTemporaryDisabled',
    'npivOnNonRdmDisks',
    'npivWorldWideNameOp',
    'locationId',
    'guestId',
    'alternateGuestName',
  ],
];
const beforeExtraConfig = [
  ...[...beforeAnnotation, 'annotation', 'files', 'tools', 'flags', 'consolePreferences', 'powerOpInfo'],
  ...['rebootPowerOff', 'numCPUs', 'vcpuConfig', 'numCoresPerSocket', 'memoryMB', 'memoryHotAddEnabled'],
  ...['cpuHotAddEnabled', 'cpuHotRemoveEnabled', 'virtualICH7MPresent', 'virtualSMCPresent', 'deviceChange'],
  ...['cpuAllocation', 'memoryAllocation', 'latencySensitivity', 'cpuAffinity', 'memoryAffinity', 'networkShaper'],
  'cpuFeatureMask',
];
const beforeVmProfile = [
  ...[...beforeExtraConfig, 'extraConfig', 'swapPlacement', 'bootOptions', 'vAppConfig', 'ftInfo', 'repConfig'],
  ...['vAppConfigRemoved', 'vAssertsEnabled', 'changeTrackingEnabled', 'firmware', 'maxMksConnections'],
  ...['guestAutoLockEnabled', 'managedBy', 'memoryReservationLockedToMax', 'nestedHVEnabled', 'vPMCEnabled'],
  'scheduledHardwareUpgradeInfo',
];
const beforeVappAnnotation = [
  ...['product', 'property', 'ipAssignment', 'eula', 'ovfSection', 'ovfEnvironmentTransport'],
  ...['installBootRequired', 'installBootStopDelay', 'entityConfig'],
];
const beforeProfile = ['operation', 'fileOperation', 'device'];
const beforeDatastore = ['fileName'];
const beforeThinProvisioned = [...beforeDatastore, 'datastore', 'backingObjectId', 'diskMode', 'split', 'writeThrough'];

/** An object with one more field, or another value of it, where its type declares the field. */
function withField(
  object: VimObject,
  { name, value, before }: { readonly name: string; readonly value: VimValue; readonly before: readonly string[] },
): VimObject {
  const others = Object.entries(object).filter(([field]) => field !== name);
  const index = others.findLastIndex(([field]) => field === '_typeName' || before.includes(field)) + 1;
  return Object.fromEntries([...others.slice(0, index), [name, value], ...others.slice(index)]);
}

/**
 * The spec as the server made it, but for what the import says itself: its marks, annotation, extra configuration, and where each
 * disk goes. Everything else stays, known here or not.
 * @throws SessionError UNSUPPORTED when the server makes other machines or disks of the package than the import wants
 */
export function editImportSpec(spec: VimObject, edit: SpecEdit): VimObject {
  const wanted = edit.entity.vms;
  const count = machineCount(spec);
  if (count !== wanted.length)
    throw new SessionError(
      'UNSUPPORTED',
      `vCenter makes ${count} machines of this package, and ${wanted.length} are wanted: instances of a scale-out cannot be imported by a lease.`,
    );
  const next = wanted.values();
  return editEntity(spec, { edit, level: 0, next: () => next.next().value });
}

const isVapp = (spec: VimObject): boolean => spec['_typeName'] === 'VirtualAppImportSpec';

const children = (spec: VimObject): readonly VimObject[] => itemsOf(spec['child']).map(asObject);

const machineCount = (spec: VimObject): number =>
  isVapp(spec) ? children(spec).reduce((sum, child) => sum + machineCount(child), 0) : 1;

interface Walk {
  readonly edit: SpecEdit;
  /** How many vApps of the import are around. */
  readonly level: number;
  /** The machine of the next spec: both are in the order of the descriptor. */
  readonly next: () => VirtualMachine | undefined;
}

function editEntity(spec: VimObject, walk: Walk): VimObject {
  if (!isVapp(spec)) {
    const vm = walk.next();
    const config = asObject(spec['configSpec']);
    return vm === undefined ? spec : { ...spec, configSpec: editMachine(config, { ...walk, vm }) };
  }
  const inner = { ...walk, level: walk.level + 1 };
  const edited: VimObject = { ...spec, child: children(spec).map((child) => editEntity(child, inner)) };
  const { annotation } = walk.edit.entity;
  if (walk.level > 0 || annotation === undefined) return edited;
  const config = asObject(spec['vAppConfigSpec']);
  return {
    ...edited,
    vAppConfigSpec: withField(config, { name: 'annotation', value: annotation, before: beforeVappAnnotation }),
  };
}

interface MachineEdit extends Walk {
  readonly vm: VirtualMachine;
}

function editMachine(config: VimObject, { vm, edit, level }: MachineEdit): VimObject {
  const marks = [
    { key: importKey, value: edit.key },
    { key: importLevelKey, value: String(level) },
  ];
  const { entity } = edit;
  let edited = withField(config, {
    name: 'extraConfig',
    value: extraConfigOf(itemsOf(config['extraConfig']), { chosen: [...chosenConfig(vm, edit), ...marks], edit }),
    before: beforeExtraConfig,
  });
  if (vm.annotation !== undefined)
    edited = withField(edited, { name: 'annotation', value: vm.annotation, before: beforeAnnotation });
  if (entity.placement.storageProfile !== undefined)
    edited = withField(edited, {
      name: 'vmProfile',
      value: [profile(entity.placement.storageProfile)],
      before: beforeVmProfile,
    });
  return { ...edited, deviceChange: editDisks(itemsOf(config['deviceChange']).map(asObject), { vm, edit }) };
}

/** What was chosen for the import; the server knows what the descriptor says itself. */
function chosenConfig({ systemId }: VirtualMachine, { parameters }: SpecEdit) {
  const { extraConfigs = [] } = findParams(parameters, 'ExtraConfigParams') ?? {};
  return extraConfigs.flatMap(({ key = '', value = '', virtualSystemId = '' }) =>
    key !== '' && (virtualSystemId === '' || virtualSystemId === systemId) ? [{ key, value }] : [],
  );
}

function extraConfigOf(
  known: readonly VimValue[],
  {
    chosen,
    edit,
  }: { readonly chosen: readonly { readonly key: string; readonly value: string }[]; readonly edit: SpecEdit },
): readonly VimValue[] {
  const { excludeKeys = [] } = findParams(edit.parameters, 'ExtraConfigParams') ?? {};
  const replaced = new Set([...excludeKeys, ...chosen.map(({ key }) => key)]);
  return [
    ...known.filter((each) => !replaced.has(String(asObject(each)['key']))),
    ...chosen.map(({ key, value }) => ({
      _typeName: 'OptionValue',
      key,
      value: { _typeName: 'string', _value: value },
    })),
  ];
}

const profile = (profileId: string): VimObject => ({ _typeName: 'VirtualMachineDefinedProfileSpec', profileId });

/** Disks are told apart by their order, which is that of the descriptor on both sides. */
function editDisks(
  changes: readonly VimObject[],
  { vm, edit }: { readonly vm: VirtualMachine; readonly edit: SpecEdit },
): readonly VimObject[] {
  const isDisk = (change: VimObject) => asObject(change['device'])['_typeName'] === 'VirtualDisk';
  const { placement, vms } = edit.entity;
  const first = vms.flatMap(({ disks }) => disks.flatMap(({ provisioning }) => provisioning ?? []))[0];
  const isPlain = ({ datastore, provisioning, storageProfile }: VirtualDisk) =>
    datastore === placement.datastore && provisioning === first && storageProfile === placement.storageProfile;
  if (vm.disks.every(isPlain) && placement.storageProfile === undefined) return changes;
  const count = changes.filter(isDisk).length;
  if (count !== vm.disks.length)
    throw new SessionError(
      'UNSUPPORTED',
      `vCenter makes ${count} disks for ${vm.name}, and the package has ${vm.disks.length}: they cannot be placed one by one. Give all disks one datastore, format and policy.`,
    );
  const disks = vm.disks.values();
  return changes.map((change) => {
    const disk = isDisk(change) ? disks.next().value : undefined;
    return disk === undefined ? change : editDisk(change, { disk, edit });
  });
}

function editDisk(
  change: VimObject,
  { disk, edit }: { readonly disk: VirtualDisk; readonly edit: SpecEdit },
): VimObject {
  const device = asObject(change['device']);
  let backing = asObject(device['backing']);
  if (disk.datastore !== edit.entity.placement.datastore) backing = placed(backing, { disk, edit });
  if (disk.provisioning !== undefined) backing = provisioned(backing, disk.provisioning);
  const edited: VimObject = { ...change, device: { ...device, backing } };
  if (disk.storageProfile === undefined) return edited;
  return withField(edited, { name: 'profile', value: [profile(disk.storageProfile)], before: beforeProfile });
}

function placed(
  backing: VimObject,
  { disk, edit }: { readonly disk: VirtualDisk; readonly edit: SpecEdit },
): VimObject {
  const name = edit.datastores.get(disk.datastore);
  if (name === undefined) throw new SessionError('NOT_FOUND', `There is no datastore ${disk.datastore}.`);
  // without a path the server gives the file a name of its own there
  return withField(
    { ...backing, fileName: `[${name}]` },
    { name: 'datastore', value: managedObject('Datastore', disk.datastore), before: beforeDatastore },
  );
}

function provisioned(backing: VimObject, provisioning: string): VimObject {
  const thin = withField(backing, {
    name: 'thinProvisioned',
    value: provisioning === 'thin',
    before: beforeThinProvisioned,
  });
  if (provisioning === 'thin') return thin;
  return withField(thin, {
    name: 'eagerlyScrub',
    value: provisioning === 'eagerZeroedThick',
    before: [...beforeThinProvisioned, 'thinProvisioned'],
  });
}

/** Where vim25 has objects only; anything else is an answer of another kind, and counts as an object without fields. */
const asObject = (value: VimValue | undefined): VimObject =>
  typeof value === 'object' && !Array.isArray(value) ? (value as VimObject) : {}; // lists were ruled out
