import { type WritableEnvelope, type WritableItem, writeDescriptor } from '@ovfkit/package-format';

const format = 'http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized';

/** The networks the sample's virtual machine is connected to. */
export const sampleNetworks = ['Frontend', 'Backend'] as const;

/** A file as References has it. Sizes are bytes. */
export interface SampleFile {
  readonly name: string;
  readonly size: number;
}

export interface SampleDisk extends SampleFile {
  readonly capacity: number;
}

interface Parts {
  readonly name: string;
  readonly disks: readonly SampleDisk[];
  readonly bundle: SampleFile;
  /** Files that no disk lies in. */
  readonly others?: readonly SampleFile[];
}

const mib = (size: number): WritableItem => ({
  instanceId: '2',
  resourceType: 4,
  elementName: `${size} MiB of memory`,
  allocationUnits: 'byte * 2^20',
  virtualQuantity: size,
});
const cpus = (count: number): WritableItem => ({
  instanceId: '1',
  resourceType: 3,
  elementName: `${count} virtual CPUs`,
  allocationUnits: 'hertz * 10^6',
  virtualQuantity: count,
});

function items(disks: readonly SampleDisk[]): readonly WritableItem[] {
  return [
    cpus(1),
    { ...cpus(4), configurations: ['large'] },
    mib(512),
    { ...mib(4096), configurations: ['large'] },
    {
      instanceId: '3',
      resourceType: 6,
      resourceSubType: 'VirtualSCSI',
      elementName: 'SCSI controller 0',
      address: '0',
    },
    ...disks.map((_, index) => ({
      instanceId: String(10 + index),
      resourceType: 17,
      elementName: `Hard disk ${index + 1}`,
      parent: '3',
      addressOnParent: String(index),
      hostResource: [`ovf:/disk/vmdisk${index + 1}`],
    })),
    ...sampleNetworks.map((network, index) => ({
      instanceId: String(20 + index),
      resourceType: 10,
      resourceSubType: 'VmxNet3',
      elementName: `Network adapter ${index + 1}`,
      addressOnParent: String(7 + index),
      automaticAllocation: true,
      connection: [network],
    })),
  ];
}

const properties = [
  {
    key: 'hostname',
    type: 'string',
    qualifiers: 'MinLen(1) MaxLen(63)',
    value: 'sample',
    labelMsgid: 'hostname.label',
    label: 'Host name',
  },
  { key: 'port', type: 'uint16', value: '8080', label: 'Port of the web interface' },
  { key: 'admin_password', type: 'string', password: true, label: 'Password of the administrator' },
] as const;

function envelope({ name, disks, bundle, others = [] }: Parts): WritableEnvelope {
  return {
    files: [
      { id: 'messages', href: bundle.name, size: bundle.size },
      ...disks.map((disk, index) => ({ id: `file${index + 1}`, href: disk.name, size: disk.size })),
      ...others.map((file, index) => ({ id: `other${index + 1}`, href: file.name, size: file.size })),
    ],
    disks: disks.map(({ capacity }, index) => ({
      diskId: `vmdisk${index + 1}`,
      fileRef: `file${index + 1}`,
      capacity: String(capacity),
      format,
    })),
    networks: [
      { name: sampleNetworks[0], description: 'Where users come from' },
      { name: sampleNetworks[1], description: 'Where the data is' },
    ],
    deploymentOptions: [
      { id: 'small', label: 'Small', description: '1 CPU, 512 MiB', isDefault: true },
      { id: 'large', label: 'Large', description: '4 CPUs, 4 GiB', isDefault: false },
    ],
    bundles: [{ locale: 'en-US', fileRef: 'messages', messages: new Map() }],
    content: {
      kind: 'VirtualSystem',
      id: name,
      name,
      operatingSystem: { id: 94, osType: 'ubuntu64Guest', description: 'Ubuntu Linux (64-bit)' },
      products: [
        {
          class: 'app',
          info: 'About the appliance',
          product: 'ovfkit sample appliance',
          vendor: 'ovfkit',
          version: '1.0',
          properties: properties.map((property) => ({ ...property, userConfigurable: true })),
        },
      ],
      eulas: [{ info: 'Licence', license: 'Use it for any purpose, and expect nothing.', licenseMsgid: 'eula.text' }],
      annotation: 'Made by the demo of ovfkit.',
      hardware: [
        {
          info: 'Virtual hardware',
          system: {
            elementName: 'Virtual hardware family',
            instanceId: '0',
            virtualSystemIdentifier: name,
            virtualSystemType: 'vmx-19',
          },
          transport: ['com.vmware.guestInfo'],
          items: items(disks),
        },
      ],
    },
  };
}

/** The descriptor of the sample: one virtual machine, its disks, two networks and two deployment options. */
export function sampleDescriptor(parts: Parts): string {
  return writeDescriptor(envelope(parts));
}

/** The texts of the sample in a file of their own. */
export const sampleMessages = `<?xml version="1.0" encoding="UTF-8"?>
<Strings xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xml:lang="en-US">
  <Msg ovf:msgid="hostname.label">Host name of the appliance</Msg>
  <Msg ovf:msgid="eula.text">Use it for any purpose, and expect nothing.</Msg>
</Strings>
`;
