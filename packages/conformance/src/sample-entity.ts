import type { Entity, EntityCollection, Placement, VirtualMachine } from '@ovfkit/domain';
import { sha256 } from './sample-bytes.ts';

/** Where a sample goes. */
export interface SamplePlace {
  readonly placement: Placement;
  readonly network: string;
}

interface SampleMachineOptions extends SamplePlace {
  readonly name: string;
  /** Keys of the blobs of its disk and its firmware file. */
  readonly blobs?: readonly [disk: string, nvram: string];
  /** `vm` when absent. */
  readonly systemId?: string;
}

const mebibyte = 1024 * 1024;

const emptyItem = { connection: [], hostResource: [], config: [], required: true };

/** A SCSI adapter with a disk, and an IDE one with an empty drive. */
const sampleItems: VirtualMachine['items'] = [
  { instanceId: '3', resourceType: 6, resourceSubType: 'VirtualSCSI', ...emptyItem },
  {
    instanceId: '4',
    resourceType: 17,
    parent: '3',
    addressOnParent: '0',
    ...emptyItem,
    hostResource: ['ovf:/disk/d1'],
  },
  { instanceId: '7', resourceType: 5, address: '1', ...emptyItem },
  { instanceId: '8', resourceType: 15, parent: '7', addressOnParent: '0', ...emptyItem },
];

/** A virtual machine with two disks, one of them blank, a network adapter, an NVRAM file and properties. */
export const sampleMachine = ({
  name,
  placement,
  network,
  blobs,
  systemId = 'vm',
}: SampleMachineOptions): VirtualMachine => {
  const [disk, nvram] = blobs ?? [`import/${name}/disk1.vmdk`, `import/${name}/fw.nvram`];
  return {
    name,
    annotation: 'Ein "Beispiel" ☃',
    systemId,
    operatingSystem: { id: '94', description: 'Ubuntu', osType: 'ubuntu64Guest' },
    hardwareVersion: 'vmx-19',
    cpuCount: 2,
    memory: 512 * mebibyte,
    items: sampleItems,
    disks: [
      {
        diskId: 'd1',
        instanceId: '4',
        label: 'Hard disk 1',
        capacity: 10 * 1024 * mebibyte,
        format: 'http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized',
        datastore: placement.datastore,
        provisioning: 'thin',
        file: { name: 'disk1.vmdk', blob: disk, size: 12_345, sha256: sha256('disk1') },
      },
      { diskId: 'd2', instanceId: '5', label: 'Hard disk 2', capacity: mebibyte, datastore: placement.datastore },
    ],
    nics: [
      { instanceId: '6', label: 'Network adapter 1', adapterType: 'VmxNet3', sourceNetwork: 'VM Network', network },
    ],
    files: [{ name: 'fw.nvram', blob: nvram, size: 99, sha256: sha256('nvram'), fileType: 'NVRAM', fileRef: 'f2' }],
    products: [
      {
        classId: 'net',
        product: 'Sample',
        properties: [
          { classId: 'net', id: 'hostname', type: 'string', userConfigurable: true, password: false, value: name },
          { classId: 'net', id: 'secret', type: 'string', userConfigurable: true, password: true, value: 'hidden' },
        ],
      },
    ],
    eulas: ['Be nice.'],
    extraConfig: [{ key: 'nvram', value: 'ovf:/file/f2', required: true }],
    config: [
      { key: 'firmware', value: 'efi', required: false },
      { key: 'cpuHotAddEnabled', value: 'true', required: false },
    ],
    transport: 'com.vmware.guestInfo',
  };
};

const frame = (place: SamplePlace) => ({
  placement: place.placement,
  deploymentOption: 'small',
  networks: [{ name: 'VM Network', description: 'Management', target: place.network }],
});

/** One virtual machine as an import makes it. */
export const sampleEntity = (options: SampleMachineOptions): Entity => ({
  ...frame(options),
  type: 'VirtualMachine',
  name: options.name,
  annotation: 'Ein "Beispiel" ☃',
  products: [],
  eulas: [],
  vms: [sampleMachine(options)],
});

const sampleTier: EntityCollection = {
  id: 'tier',
  name: 'Tier',
  annotation: 'Inside',
  products: [
    {
      product: 'Tier',
      properties: [
        { id: 'port', type: 'uint16', userConfigurable: true, password: false, value: '5432' },
        { classId: 'net', id: 'hostname', type: 'string', userConfigurable: true, password: false, value: 'hidden' },
      ],
    },
  ],
  eulas: ['Be nice inside.'],
  sections: [{ tag: '{urn:x}Note', xml: '<x:Note xmlns:x="urn:x"/>' }],
  children: [{ systemId: 'db' }],
};

/** A vApp of two virtual machines, `…-web` and `…-db`, the latter in a vApp inside. */
export const sampleVapp = (options: SamplePlace & { readonly name: string }): Entity => ({
  ...frame(options),
  type: 'VirtualApp',
  name: options.name,
  products: [{ product: 'Suite', properties: [] }],
  eulas: ['Be very nice.'],
  vms: ['web', 'db'].map((role) => sampleMachine({ ...options, name: `${options.name}-${role}`, systemId: role })),
  children: [{ systemId: 'web' }, { collection: sampleTier }],
});
