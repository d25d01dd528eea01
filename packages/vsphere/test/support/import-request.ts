import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { noise } from '@ovfkit/conformance';
import type { BlobStore, Entity, NewEntity, Placement, StoredFile, VirtualDisk, VirtualMachine } from '@ovfkit/domain';

export interface SampleDisk {
  readonly size: number;
  readonly isGzip?: boolean;
  /** Beyond what the request as a whole says. */
  readonly choice?: Partial<Pick<VirtualDisk, 'datastore' | 'provisioning' | 'storageProfile' | 'bases'>>;
}

export interface SampleRequest {
  readonly key?: string;
  readonly name?: string;
  readonly placement: Placement;
  readonly disks?: readonly SampleDisk[];
  /** Beside the disks: `fw.nvram`, `tools.iso`. */
  readonly media?: readonly string[];
  /** Makes a vApp of so many machines, each with the disks. */
  readonly vapp?: number;
  readonly entity?: Partial<Entity>;
  readonly parameters?: NewEntity['parameters'];
}

export interface SampleImport {
  readonly request: NewEntity;
  readonly blobs: Pick<BlobStore, 'read'>;
  /** What a host should have in the end, uncompressed, by the name of the file. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

/** A request as the engine makes it of a small package, with the bytes it names. */
export function sampleImport(options: SampleRequest): SampleImport {
  const { key = 'import-1', name = 'app', placement, parameters = [] } = options;
  const machines = Array.from({ length: options.vapp ?? 1 }, (_, index) => machineOf(options, index));
  const files = machines.flatMap((each) => each.files);
  const entity: Entity = {
    type: options.vapp === undefined ? 'VirtualMachine' : 'VirtualApp',
    name,
    placement,
    networks: [],
    products: [],
    eulas: [],
    vms: machines.map(({ vm }) => vm),
    ...options.entity,
  };
  const stored = new Map(files.map(({ file, bytes }) => [file.blob, bytes]));
  return {
    request: {
      key,
      entity,
      descriptor: descriptorOf(options, machines),
      parameters,
      files: files.map(({ file }) => file),
    },
    blobs: { read: (blob) => inPieces(stored.get(blob) ?? new Uint8Array()) },
    contents: new Map(files.map(({ file, content }) => [file.name, content])),
  };
}

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000);
}

interface SampleFile {
  readonly file: StoredFile;
  /** As kept, and as a host should have it. */
  readonly bytes: Uint8Array;
  readonly content: Uint8Array;
}

interface Machine {
  readonly vm: VirtualMachine;
  readonly files: readonly SampleFile[];
}

function fileOf(name: string, { size, isGzip = false }: SampleDisk): SampleFile {
  const content = noise(size, name);
  const bytes = isGzip ? gzipSync(content) : content;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const file = { name, blob: `import/1/${name}`, size: bytes.length, sha256 };
  return { file: isGzip ? { ...file, compression: 'gzip' } : file, bytes, content };
}

function machineOf(
  { name = 'app', placement, disks = [{ size: 300_000 }], media = [], vapp }: SampleRequest,
  index: number,
): Machine {
  const prefix = vapp === undefined ? '' : `m${index}-`;
  const diskFiles = disks.map((disk, each) => fileOf(`${prefix}disk${each}.vmdk`, disk));
  const mediaFiles = media.map((each) => fileOf(`${prefix}${each}`, { size: 5_000 }));
  const vm: VirtualMachine = {
    name: vapp === undefined ? name : `${name}-${index}`,
    systemId: `s${index}`,
    cpuCount: 1,
    memory: 256 * 1024 ** 2,
    items: [],
    disks: diskFiles.map(({ file }, each) => ({
      diskId: `d${index}.${each}`,
      instanceId: String(10 + each),
      label: `Disk ${each}`,
      capacity: 1024 ** 2,
      datastore: placement.datastore,
      file,
      ...disks[each]?.choice,
    })),
    nics: [],
    files: mediaFiles.map(({ file }) => ({
      ...file,
      fileRef: file.name,
      fileType: file.name.endsWith('.nvram') ? 'NVRAM' : 'CONTENT',
    })),
    products: [],
    eulas: [],
    extraConfig: [],
  };
  return { vm, files: [...diskFiles, ...mediaFiles] };
}

/** The fields of an Item in the order CIM's names have, which is the one the schema wants. */
const item = (fields: Readonly<Record<string, string | number>>): string => {
  const elements = Object.entries(fields).map(([name, value]) => `<rasd:${name}>${value}</rasd:${name}>`);
  return `<Item>${elements.toSorted().join('')}</Item>`;
};

function descriptorOf({ name = 'app', vapp }: SampleRequest, machines: readonly Machine[]): string {
  const files = machines.flatMap((each) => each.files);
  const references = files.map(
    ({ file: { name: href, size, compression } }) =>
      `<File ovf:id="${href}" ovf:href="${href}" ovf:size="${size}"${compression === undefined ? '' : ` ovf:compression="${compression}"`}/>`,
  );
  const disks = machines.flatMap(({ vm }) =>
    vm.disks.map(
      ({ diskId, file }) =>
        `<Disk ovf:diskId="${diskId}" ovf:fileRef="${file?.name}" ovf:capacity="1" ovf:capacityAllocationUnits="byte * 2^20" ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>`,
    ),
  );
  const systems = machines.map(systemOf).join('');
  const content =
    vapp === undefined
      ? systems
      : `<VirtualSystemCollection ovf:id="${name}"><Info>A vApp</Info>${systems}</VirtualSystemCollection>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData">
<References>${references.join('')}</References>
<DiskSection><Info>Disks</Info>${disks.join('')}</DiskSection>
${content}
</Envelope>`;
}

function systemOf({ vm }: Machine): string {
  const named = (id: string | number) => ({ ElementName: `e${id}`, InstanceID: id });
  const isos = vm.files.filter(({ name }) => name.endsWith('.iso'));
  const hardware = [
    item({ ...named(1), ResourceType: 3, VirtualQuantity: 1 }),
    item({ ...named(2), ResourceType: 4, VirtualQuantity: 256, AllocationUnits: 'byte * 2^20' }),
    item({ ...named(3), ResourceType: 6, ResourceSubType: 'VirtualSCSI' }),
    item({ ...named(4), ResourceType: 5, Address: 0 }),
    ...vm.disks.map(({ diskId, instanceId }, each) =>
      item({
        ...named(instanceId),
        AddressOnParent: each,
        HostResource: `ovf:/disk/${diskId}`,
        Parent: 3,
        ResourceType: 17,
      }),
    ),
    ...isos.map(({ fileRef }, each) =>
      item({
        ...named(30 + each),
        AddressOnParent: each,
        HostResource: `ovf:/file/${fileRef}`,
        Parent: 4,
        ResourceType: 15,
      }),
    ),
  ];
  const nvram = vm.files.find(({ fileType }) => fileType === 'NVRAM');
  const config =
    nvram === undefined
      ? ''
      : `<vmw:ExtraConfig xmlns:vmw="http://www.vmware.com/schema/ovf" ovf:required="false" vmw:key="nvram" vmw:value="ovf:/file/${nvram.fileRef}"/>`;
  return `<VirtualSystem ovf:id="${vm.systemId}"><Info>A machine</Info><Name>${vm.name}</Name>
<VirtualHardwareSection><Info>Hardware</Info>
<System><vssd:ElementName>Hardware</vssd:ElementName><vssd:InstanceID>0</vssd:InstanceID><vssd:VirtualSystemType>vmx-13</vssd:VirtualSystemType></System>
${hardware.join('\n')}${config}
</VirtualHardwareSection></VirtualSystem>`;
}
