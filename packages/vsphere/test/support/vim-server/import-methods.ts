import {
  type Content,
  type Descriptor,
  type ResolvedSystem,
  readDescriptor,
  resolveConfiguration,
} from '@ovfkit/package-format';
import { itemsOf } from '../../../src/vim/vim-shape.ts';
import { type ManagedObject, managedObject, type VimObject, type VimValue } from '../../../src/vim/vim-value.ts';
import { addedDevices, keepFiles, madeDevices } from './made-devices.ts';
import { change, isObject, isReference, type Model, propertyOf, type ServedObject, VimServerFault } from './model.ts';
import type { Device, NfcLeases } from './nfc-leases.ts';
import { addMachine, vcenterMethods } from './sample-vcenter.ts';
import { addedBy, childOrder, poolSpec, sectionSpecs, vappConfig, vappConfigSpec } from './vapp-config.ts';
import { endedTask, localized, type MethodCall, type Methods } from './vim-server.ts';

/** What is complained of in each package, for as long as it is here. */
export interface SpecRemarks {
  /** `cisp` of each question so far. */
  readonly asked: VimObject[];
  readonly errors: VimServerFault[];
  readonly warnings: VimServerFault[];
  /** Files that are asked for beside those of the package. */
  readonly files: string[];
}

/** Imports by leases, as a vCenter does them: what is made is there before its disks are, and goes when the lease ends badly. */
export function importMethods(leases: NfcLeases, { asked, errors, warnings, files }: SpecRemarks): Methods {
  const importInto = (call: MethodCall): VimValue => importVapp(leases, call);
  return {
    ...leases.methods,
    'OvfManager.CreateImportSpec': ({ args }) => {
      if (isObject(args['cisp'])) asked.push(args['cisp']);
      const { importSpec, fileItem } = specOf(args);
      const more = files.map((path) => ({ _typeName: 'OvfFileItem', deviceId: `/${path}`, path, size: 0, cimType: 1 }));
      return {
        _typeName: 'OvfCreateImportSpecResult',
        importSpec,
        fileItem: [...fileItem, ...more],
        warning: warnings.map(localized),
        error: errors.map(localized),
      };
    },
    'OvfManager.ParseDescriptor': ({ args }) => {
      readDescriptor(String(args['ovfDescriptor']), { lax: true });
      return {
        _typeName: 'OvfParseDescriptorResult',
        virtualApp: false,
        warning: warnings.map(localized),
        error: errors.map(localized),
      };
    },
    'ResourcePool.ImportVApp': importInto,
    'VirtualApp.ImportVApp': importInto,
    'VirtualMachine.ReconfigVM_Task': (call) =>
      endedTask(call, () => {
        const spec = call.args['spec'];
        const added = isObject(spec) ? itemsOf(spec['extraConfig']) : [];
        change(call.object, 'config', {
          extraConfig: [...itemsOf(propertyOf(call.object.properties, 'config.extraConfig')), ...added],
        });
        return undefined;
      }),
    'VirtualMachine.Destroy_Task': (call) => unlessLeased(leases, call, 'VirtualMachine.Destroy_Task'),
    'VirtualApp.Destroy_Task': (call) => unlessLeased(leases, call, 'VirtualApp.Destroy_Task'),
  };
}

function unlessLeased(leases: NfcLeases, call: MethodCall, method: string): VimValue | undefined {
  if (leases.isLeased(call.object.ref.value))
    return endedTask(call, () => {
      throw new VimServerFault('TaskInProgress', 'The operation is not allowed: another task is already in progress.');
    });
  return vcenterMethods[method]?.(call) ?? undefined;
}

function specOf(args: VimObject): { readonly importSpec: VimObject; readonly fileItem: readonly VimObject[] } {
  const descriptor = readDescriptor(String(args['ovfDescriptor']), { lax: true });
  const cisp = isObject(args['cisp']) ? args['cisp'] : {};
  const { systems } = resolveConfiguration(descriptor);
  const name = String(cisp['entityName']);
  const items: VimObject[] = [];
  const specOfSystem = (system: ResolvedSystem, path: string): VimObject => {
    items.push(...fileItemsOf(descriptor, { system, path }));
    return machineSpec(system, { name: path.split('/').at(-1) ?? name, args });
  };
  const walk = (content: Content, path: string): VimObject => {
    if (content.kind !== 'VirtualSystemCollection') {
      const system = systems.find(({ id }) => id === content.id);
      if (system === undefined) throw new VimServerFault('OvfInvalidPackage', 'a system is missing');
      return specOfSystem(system, path);
    }
    return {
      _typeName: 'VirtualAppImportSpec',
      name: path.split('/').at(-1) ?? name,
      vAppConfigSpec: vappConfigSpec(content, cisp),
      resourcePoolSpec: poolSpec(content),
      child: content.children.map((child) => ({
        ...walk(child, `${path}/${child.name ?? child.id}`),
        entityConfig: childOrder(content, child.id),
      })),
    };
  };
  return { importSpec: walk(descriptor.content, name), fileItem: items };
}

function fileItemsOf(
  { files }: Descriptor,
  { system, path }: { readonly system: ResolvedSystem; readonly path: string },
): readonly VimObject[] {
  const item = (
    ref: string | undefined,
    { device, cimType }: { readonly device: string; readonly cimType: number },
  ) => {
    const file = files.find(({ id }) => id === ref);
    if (file === undefined) return [];
    const create = cimType !== 17;
    return [
      {
        _typeName: 'OvfFileItem',
        deviceId: `/${path}/${device}`,
        path: file.href,
        size: file.size ?? 0,
        cimType,
        create,
      },
    ];
  };
  const disks = system.disks.flatMap(({ fileRef }, index) =>
    item(fileRef, { device: `ParaVirtualSCSIController0:${index}`, cimType: 17 }),
  );
  const images = system.items
    .filter(({ resourceType }) => resourceType === 15)
    .flatMap(({ hostResource }) => hostResource)
    .flatMap((each, index) =>
      item(/file\/(.+)$/.exec(each)?.[1], { device: `VirtualIDEController0:${index}`, cimType: 15 }),
    );
  const firmware = system.system.hardware
    .flatMap(({ extraConfig }) => extraConfig)
    .filter(({ key }) => key === 'nvram')
    .flatMap(({ value }) => item(/file\/(.+)$/.exec(value)?.[1], { device: 'nvram', cimType: 1 }));
  return [...disks, ...images, ...firmware];
}

function machineSpec(
  system: ResolvedSystem,
  { name, args }: { readonly name: string; readonly args: VimObject },
): VimObject {
  const ovfSection = sectionSpecs(system.system.sections);
  return {
    _typeName: 'VirtualMachineImportSpec',
    configSpec: {
      _typeName: 'VirtualMachineConfigSpec',
      name,
      version: 'vmx-13',
      numCPUs: system.cpus ?? 1,
      memoryMB: (system.memory ?? 0) / 1024 ** 2,
      deviceChange: addedDevices(system, args),
      vAppConfig: ovfSection.length === 0 ? undefined : { _typeName: 'VmConfigSpec', ovfSection },
    },
    resPoolEntity: args['resourcePool'],
  };
}

function importVapp(leases: NfcLeases, { object, args, model }: MethodCall): VimValue {
  const spec = args['spec'];
  if (!isObject(spec)) throw new VimServerFault('InvalidArgument', 'A specified parameter was not correct: spec');
  const folder = isReference(args['folder']) ? args['folder'] : undefined;
  const name = nameOf(spec);
  const isTaken = model.all().some(({ ref, properties }) => {
    const isEntity = ['VirtualMachine', 'VirtualApp'].includes(ref.type) && properties['name'] === name;
    return isEntity && [properties['parent'], properties['parentFolder']].some((each) => isIn(each, folder));
  });
  if (isTaken) throw new VimServerFault('DuplicateName', `The name '${name}' already exists.`, { name });
  return leases.begin({
    model,
    make() {
      const before = new Set(model.all().map(({ ref }) => ref.value));
      const devices: Device[] = [];
      const { ref: entity } = make(model, { spec, pool: object, folder, path: `/${name}`, devices });
      const fresh = model.all().filter(({ ref }) => !before.has(ref.value));
      const undo = (): void => {
        for (const { ref } of fresh) model.remove(ref);
      };
      return { entity, devices, undo };
    },
  });
}

/** Names are unique within a folder. */
const isIn = (place: VimValue | undefined, folder: ServedObject['ref'] | undefined): boolean =>
  isReference(place) && place.type === 'Folder' && (folder === undefined || place.value === folder.value);

const nameOf = (spec: VimObject): string => {
  const config = spec['configSpec'];
  return String(isObject(config) ? config['name'] : spec['name']);
};

interface Place {
  readonly spec: VimObject;
  readonly pool: ServedObject;
  readonly folder: ServedObject['ref'] | undefined;
  readonly path: string;
  /** Takes those of every machine. */
  readonly devices: Device[];
}

/** Machines get the configuration that their spec says, whatever it says: tests look at it. */
function make(model: Model, { spec, pool, folder, path, devices }: Place): ServedObject {
  const inVapp = pool.ref.type === 'VirtualApp';
  const places = {
    ...(inVapp ? { parentVApp: pool.ref } : folder === undefined ? {} : { parent: folder }),
    resourcePool: pool.ref,
  };
  if (spec['_typeName'] !== 'VirtualAppImportSpec') {
    const machine = addMachine(model, { value: model.nextId('vm'), name: nameOf(spec), ...places });
    join(pool, { list: 'vm', ref: machine.ref });
    configure(machine, spec);
    const own = devicesOf(spec, path);
    keepFiles(machine, own);
    devices.push(...own);
    return machine;
  }
  const vapp = model.add('VirtualApp', model.nextId('resgroup-v'), {
    name: nameOf(spec),
    parent: pool.ref,
    ...(folder === undefined ? {} : { parentFolder: folder }),
    owner: managedObject('ClusterComputeResource', 'domain-c10'),
    vm: [],
    resourcePool: [],
  });
  join(pool, { list: 'resourcePool', ref: vapp.ref });
  const children = itemsOf(spec['child'])
    .filter(isObject)
    .map((child) => {
      const own = `${path}/${nameOf(child)}`;
      return make(model, { spec: child, pool: vapp, folder: undefined, path: own, devices });
    });
  Object.assign(vapp.properties, { config: spec['resourcePoolSpec'], vAppConfig: vappConfig(spec, children) });
  return vapp;
}

function join(
  { properties }: ServedObject,
  { list, ref }: { readonly list: string; readonly ref: ManagedObject },
): void {
  properties[list] = [...itemsOf(properties[list]), ref];
}

function configure(machine: ServedObject, spec: VimObject): void {
  const config = isObject(spec['configSpec']) ? spec['configSpec'] : {};
  const { annotation, version, numCPUs, memoryMB } = config;
  const before = itemsOf(propertyOf(machine.properties, 'config.hardware.device')).filter(isObject);
  const known = propertyOf(machine.properties, 'config.vAppConfig');
  change(machine, 'config', {
    annotation,
    version,
    extraConfig: itemsOf(config['extraConfig']),
    vAppConfig: {
      ...(isObject(known) ? known : {}),
      ovfSection: addedBy(propertyOf(config, 'vAppConfig.ovfSection')),
    },
    hardware: { _typeName: 'VirtualHardware', numCPU: numCPUs, memoryMB, device: madeDevices(before, config) },
    spec,
  });
}

/** One for every disk of a machine, and for every file that may come beside them. */
function devicesOf(spec: VimObject, path: string): readonly Device[] {
  const config = spec['configSpec'];
  const changes = isObject(config) ? itemsOf(config['deviceChange']).filter(isObject) : [];
  const disks = changes.filter((each) => propertyOf(each, 'device._typeName') === 'VirtualDisk');
  const device = (key: string, isDisk: boolean): Device => ({
    key: `/vm${path}/${key}`,
    importKey: `${path}/${key}`,
    name: `${path.slice(1)}-${key}`.replaceAll(/[^\w.-]/g, '-'),
    isDisk,
    bytes: Buffer.alloc(0),
  });
  return [
    ...disks.map((_, index) => device(`ParaVirtualSCSIController0:${index}`, true)),
    device('VirtualIDEController0:0', false),
    device('nvram', false),
  ];
}
