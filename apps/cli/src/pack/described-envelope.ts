import type { WritableEnvelope, WritableItem } from '@ovfkit/package-format';
import type { Description } from './description.ts';

const format = 'http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized';
const mib = 1024 ** 2;
/** One controller has this many places, and 7 is its own. */
const places = [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15] as const;

/** A disk of the package; without a name it is empty. Sizes are bytes; that of the file is absent while nobody knows it. */
export interface DescribedDisk {
  readonly name?: string | undefined;
  readonly size?: number | undefined;
  readonly capacity: number;
}

function processors({ cpus, memory }: Description): readonly WritableItem[] {
  return [
    {
      instanceId: '1',
      resourceType: 3,
      elementName: `${cpus} virtual CPU${cpus === 1 ? '' : 's'}`,
      allocationUnits: 'hertz * 10^6',
      virtualQuantity: cpus,
    },
    {
      instanceId: '2',
      resourceType: 4,
      elementName: `${memory / mib} MiB of memory`,
      allocationUnits: 'byte * 2^20',
      virtualQuantity: Math.ceil(memory / mib),
    },
  ];
}

function storage(disks: readonly DescribedDisk[]): readonly WritableItem[] {
  const controllers = Array.from({ length: Math.ceil(disks.length / places.length) }, (_, index) => ({
    instanceId: String(10 + index),
    resourceType: 6,
    resourceSubType: 'VirtualSCSI',
    elementName: `SCSI controller ${index}`,
    address: String(index),
  }));
  const items = disks.map((_, index) => ({
    instanceId: String(100 + index),
    resourceType: 17,
    elementName: `Hard disk ${index + 1}`,
    parent: String(10 + Math.floor(index / places.length)),
    addressOnParent: String(places[index % places.length] ?? 0),
    hostResource: [`ovf:/disk/vmdisk${index + 1}`],
  }));
  return [...controllers, ...items];
}

const adapters = ({ networks }: Description): readonly WritableItem[] =>
  networks.map((network, index) => ({
    instanceId: String(50 + index),
    resourceType: 10,
    resourceSubType: 'VmxNet3',
    elementName: `Network adapter ${index + 1}`,
    addressOnParent: String(7 + index),
    automaticAllocation: true,
    connection: [network],
  }));

function products({ product, properties }: Description): NonNullable<WritableEnvelope['content']['products']> {
  if (product === undefined && properties.length === 0) return [];
  return [
    {
      info: 'About the product',
      product: product?.name,
      vendor: product?.vendor,
      version: product?.version,
      productUrl: product?.url,
      properties: properties.map(({ settable, ...property }) => ({ ...property, userConfigurable: settable })),
    },
  ];
}

/** The descriptor of a described machine. */
export function describedEnvelope(
  description: Description,
  { disks, license }: { readonly disks: readonly DescribedDisk[]; readonly license: string | undefined },
): WritableEnvelope {
  const { name, osType, hardware, firmware, annotation, networks, properties } = description;
  return {
    files: disks.flatMap((disk, index) =>
      disk.name === undefined ? [] : [{ id: `file${index + 1}`, href: disk.name, size: disk.size }],
    ),
    disks: disks.map((disk, index) => ({
      diskId: `vmdisk${index + 1}`,
      fileRef: disk.name === undefined ? undefined : `file${index + 1}`,
      capacity: String(disk.capacity),
      format,
    })),
    networks: [...new Set(networks)].map((network) => ({ name: network })),
    content: {
      kind: 'VirtualSystem',
      id: name,
      name,
      info: 'A virtual machine',
      annotation,
      products: products(description),
      eulas: license === undefined ? [] : [{ info: 'Licence', license }],
      operatingSystem: { id: 1, osType },
      hardware: [
        {
          info: 'Virtual hardware',
          system: {
            elementName: 'Virtual hardware family',
            instanceId: '0',
            virtualSystemIdentifier: name,
            virtualSystemType: hardware,
          },
          transport: properties.length === 0 ? undefined : ['com.vmware.guestInfo'],
          items: [...processors(description), ...storage(disks), ...adapters(description)],
          config: [{ key: 'firmware', value: firmware, required: false }],
        },
      ],
    },
  };
}
