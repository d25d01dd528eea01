import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Content, contentsOf, readDescriptor } from '@ovfkit/package-format';

/** Of each disk. */
export const nestedCapacity = 3 * 1024 ** 2;

const item = (fields: Readonly<Record<string, string | number>>): string =>
  `<Item>${Object.entries(fields)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `<rasd:${name}>${value}</rasd:${name}>`)
    .join('')}</Item>`;

const system = (id: string, { disk, more = '' }: { readonly disk: string; readonly more?: string }): string =>
  `<VirtualSystem ovf:id="${id}"><Info/><Name>${id}</Name><VirtualHardwareSection><Info/>
  <System><vssd:ElementName>h</vssd:ElementName><vssd:InstanceID>0</vssd:InstanceID><vssd:VirtualSystemType>vmx-13</vssd:VirtualSystemType></System>
  ${item({ ElementName: 'cpu', InstanceID: 1, ResourceType: 3, VirtualQuantity: 2 })}
  ${item({ AllocationUnits: 'byte * 2^20', ElementName: 'mem', InstanceID: 2, ResourceType: 4, VirtualQuantity: 256 })}
  ${item({ ElementName: 'scsi', InstanceID: 3, ResourceSubType: 'VirtualSCSI', ResourceType: 6 })}
  ${item({ AddressOnParent: 0, ElementName: 'hd', HostResource: `ovf:/disk/${disk}`, InstanceID: 4, Parent: 3, ResourceType: 17 })}
  ${item({ AutomaticAllocation: 'true', Connection: 'lan', ElementName: 'nic', InstanceID: 5, ResourceSubType: 'VmxNet3', ResourceType: 10 })}
  ${more}</VirtualHardwareSection></VirtualSystem>`;

const order = (...ids: readonly string[]): string =>
  `<StartupSection><Info/>${ids.map((id, index) => `<Item ovf:id="${id}" ovf:order="${index + 1}" ovf:startDelay="30"/>`).join('')}</StartupSection>`;

const drives = `${item({ Address: 0, ElementName: 'ide', InstanceID: 6, ResourceType: 5 })}
  ${item({ AddressOnParent: 0, ElementName: 'cd', HostResource: 'ovf:/file/iso', InstanceID: 7, Parent: 6, ResourceType: 15 })}
  ${item({ AddressOnParent: 0, ElementName: 'floppy', HostResource: 'ovf:/file/flp', InstanceID: 8, ResourceType: 14 })}
  <vmw:ExtraConfig ovf:required="false" vmw:key="nvram" vmw:value="ovf:/file/nv"/>`;

const files = {
  f1: 'one.vmdk',
  f2: 'two.vmdk',
  f3: 'three.vmdk',
  iso: 'seed.iso',
  flp: 'boot.flp',
  nv: 'fw.nvram',
} as const;
const format = 'http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized';
const cim = 'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM';

/** A vApp with vApps three levels deep, one of them empty; firmware, an image and a floppy are in one machine. */
const descriptor = `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:vmw="http://www.vmware.com/schema/ovf"
  xmlns:vssd="${cim}_VirtualSystemSettingData" xmlns:rasd="${cim}_ResourceAllocationSettingData">
<References>${Object.entries(files)
  .map(([id, href]) => `<File ovf:id="${id}" ovf:href="${href}"/>`)
  .join('')}</References>
<DiskSection><Info/>${['f1', 'f2', 'f3'].map((id) => `<Disk ovf:diskId="${id}" ovf:fileRef="${id}" ovf:capacity="${nestedCapacity}" ovf:format="${format}"/>`).join('')}</DiskSection>
<NetworkSection><Info/><Network ovf:name="lan"><Description/></Network></NetworkSection>
<VirtualSystemCollection ovf:id="suite"><Info/><Name>suite</Name>${order('inner', 'front')}
  <VirtualSystemCollection ovf:id="inner"><Info/><Name>inner</Name><AnnotationSection><Info/><Annotation>keeps it all</Annotation></AnnotationSection>
    <ProductSection ovf:class="org.inner"><Info/><Product>Inner</Product><Property ovf:key="port" ovf:type="uint16" ovf:userConfigurable="true" ovf:value="80"/></ProductSection>
    <EulaSection><Info/><License>Be kind.</License></EulaSection>${order('deep', 'store')}
    <ResourceAllocationSection><Info/>${item({ AllocationUnits: 'byte * 2^20', ElementName: 'mem', InstanceID: 1, Limit: 2048, Reservation: 512, ResourceType: 4, VirtualQuantity: 0 })}</ResourceAllocationSection>
    <x:NoteSection xmlns:x="urn:example:note" ovf:required="false"><Info>note</Info><x:Text>kept</x:Text></x:NoteSection>
    ${system('store', { disk: 'f2' })}
    <VirtualSystemCollection ovf:id="deep"><Info/><Name>deep</Name>${order('cache')}${system('cache', { disk: 'f3' })}</VirtualSystemCollection>
  </VirtualSystemCollection>
  ${system('front', { disk: 'f1', more: drives })}
  <VirtualSystemCollection ovf:id="spare"><Info/><Name>spare</Name></VirtualSystemCollection>
</VirtualSystemCollection></Envelope>`;

/** The files of the package in a new folder, with disks like that in `sample`. Resolves to their digests. */
export async function writeNestedPackage(
  path: string,
  { sample }: { readonly sample: string },
): Promise<ReadonlyMap<string, string>> {
  const disk = (await readdir(sample)).find((name) => name.endsWith('.vmdk')) ?? '';
  await mkdir(path);
  await writeFile(join(path, 'suite.ovf'), descriptor);
  const digests = new Map<string, string>();
  for (const name of Object.values(files)) {
    const bytes = name.endsWith('.vmdk') ? await readFile(join(sample, disk)) : randomBytes(40_000);
    await writeFile(join(path, name), bytes);
    digests.set(name, createHash('sha256').update(bytes).digest('hex'));
  }
  return digests;
}

const partOf = (content: Content): string =>
  content.kind === 'VirtualSystem' ? content.id : `${content.id}[${content.children.map(partOf).join(' ')}]`;

/** `suite[front inner[store]]` */
export const shapeOf = (text: string): string => partOf(readDescriptor(text).content);

/** What a vApp inside has of its own. */
const factsOf = ({ annotation, eulas, products, sections }: Content) => ({
  annotation,
  eulas: eulas.map(({ license }) => license),
  values: products.flatMap(({ class: own, properties }) => properties.map(({ key, value }) => [own, key, value])),
  sections: sections.map(({ name, meaning }) => {
    if (meaning?.kind === 'Startup') return meaning.items.map(({ id, order: at, startDelay }) => [id, at, startDelay]);
    if (meaning?.kind === 'ResourceAllocation')
      return meaning.items.map(({ limit, reservation }) => [limit, reservation]);
    return name;
  }),
});

/** What an export has to say of the vApp `inner`, whose port was set to 8080. */
export const innerFacts = {
  annotation: 'keeps it all',
  eulas: ['Be kind.'],
  values: [['org.inner', 'port', '8080']],
};

/** Of the vApp `inner` in a descriptor. */
export const innerOf = (text: string) =>
  contentsOf(readDescriptor(text).content).flatMap((each) => (each.id === 'inner' ? [factsOf(each)] : []));
