import { type SampleFile, writeArchive } from './sample-archive.ts';
import { sha256 } from './sample-bytes.ts';
import { sampleDisk, sampleDiskCapacity } from './sample-disk.ts';

/** A package of one descriptor, one disk and, when asked for, one file of translations. */
export interface SamplePackage {
  readonly name: string;
  readonly descriptor: SampleFile;
  readonly disk: SampleFile;
  /** Empty unless the package was asked for `languages`. */
  readonly bundles: readonly SampleFile[];
  /** SHA-256 of all of these. */
  readonly manifest: SampleFile;
}

interface SamplePackageOptions {
  /** Of the files and the virtual machine. ASCII. */
  readonly name: string;
  /** Tags of languages, each in a message bundle of its own. */
  readonly languages?: readonly string[];
}

/** The facts of every sample package that cases look for. */
export const sampleFacts = {
  network: 'VM Network',
  diskCapacity: sampleDiskCapacity,
  property: { classId: 'net', id: 'hostname' },
  portProperty: { classId: 'net', id: 'port' },
  eula: 'Be nice to each other.',
  options: {
    small: { cpuCount: 1, memorySizeMib: 256 },
    large: { cpuCount: 4, memorySizeMib: 1024 },
  },
} as const;

const encoder = new TextEncoder();

/** A package that is right in every part: sizes, digests, references. */
export function samplePackage({ name, languages = [] }: SamplePackageOptions): SamplePackage {
  const disk = { name: `${name}-disk1.vmdk`, bytes: sampleDisk(name) };
  const bundles = languages.map((language) => ({
    name: `${name}-${language}.msg`,
    bytes: encoder.encode(messageBundle(language)),
  }));
  const descriptor = { name: `${name}.ovf`, bytes: encoder.encode(descriptorText({ name, disk, bundles, languages })) };
  return { name, descriptor, disk, bundles, manifest: manifestOf(name, [descriptor, disk, ...bundles]) };
}

/** A manifest of these files, whatever is true of them. */
export const manifestOf = (name: string, files: readonly SampleFile[]): SampleFile => ({
  name: `${name}.mf`,
  bytes: encoder.encode(files.map((file) => `SHA256(${file.name})= ${sha256(file.bytes)}\n`).join('')),
});

/** The package as an OVA, in the order DSP0243 asks for. */
export const sampleOva = ({ descriptor, manifest, bundles, disk }: SamplePackage): Uint8Array =>
  writeArchive([descriptor, manifest, ...bundles, disk]);

const messageBundle = (language: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<Strings xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xml:lang="${language}">
  <Msg ovf:msgid="hostname.label">Hostname (${language})</Msg>
</Strings>
`;

interface DescriptorParts {
  readonly name: string;
  readonly disk: SampleFile;
  readonly bundles: readonly SampleFile[];
  readonly languages: readonly string[];
}

const descriptorText = ({ name, disk, bundles, languages }: DescriptorParts): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"
    xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
    xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
    xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData"
    xmlns:vmw="http://www.vmware.com/schema/ovf">
  <References>
    <File ovf:id="file1" ovf:href="${disk.name}" ovf:size="${disk.bytes.length}"/>
${bundles.map((file, index) => `    <File ovf:id="bundle${index}" ovf:href="${file.name}" ovf:size="${file.bytes.length}"/>\n`).join('')}  </References>
  <DiskSection>
    <Info>Disks</Info>
    <Disk ovf:diskId="disk1" ovf:fileRef="file1" ovf:capacity="${sampleDiskCapacity}"
        ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>
  </DiskSection>
  <NetworkSection>
    <Info>Networks</Info>
    <Network ovf:name="${sampleFacts.network}"><Description>Management</Description></Network>
  </NetworkSection>
  <DeploymentOptionSection>
    <Info>Sizes</Info>
    <Configuration ovf:id="small" ovf:default="true"><Label>Small</Label><Description>One processor</Description></Configuration>
    <Configuration ovf:id="large"><Label>Large</Label><Description>Four processors</Description></Configuration>
  </DeploymentOptionSection>
  <VirtualSystem ovf:id="${name}">
    <Info>A virtual machine</Info>
    <Name>${name}</Name>
    <OperatingSystemSection ovf:id="94" vmw:osType="ubuntu64Guest">
      <Info>Guest</Info>
      <Description>Ubuntu 64</Description>
    </OperatingSystemSection>
${hardware}
    <ProductSection ovf:class="net" ovf:required="false">
      <Info>Product</Info>
      <Product>Sample appliance</Product>
      <Vendor>ovfkit</Vendor>
      <Version>1.0</Version>
      <Property ovf:key="hostname" ovf:type="string" ovf:userConfigurable="true" ovf:value="sample">
        <Label ovf:msgid="hostname.label">Host name</Label>
      </Property>
      <Property ovf:key="port" ovf:type="uint16" ovf:userConfigurable="true" ovf:value="8080"/>
    </ProductSection>
    <EulaSection>
      <Info>License</Info>
      <License>${sampleFacts.eula}</License>
    </EulaSection>
  </VirtualSystem>
${languages.map((language, index) => `  <Strings xml:lang="${language}" ovf:fileRef="bundle${index}"/>\n`).join('')}</Envelope>
`;

const processors = (count: number, configuration: string): string => `      <Item${configuration}>
        <rasd:AllocationUnits>hertz * 10^6</rasd:AllocationUnits>
        <rasd:ElementName>${count} processors</rasd:ElementName>
        <rasd:InstanceID>1</rasd:InstanceID>
        <rasd:ResourceType>3</rasd:ResourceType>
        <rasd:VirtualQuantity>${count}</rasd:VirtualQuantity>
      </Item>`;

const memory = (mebibytes: number, configuration: string): string => `      <Item${configuration}>
        <rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits>
        <rasd:ElementName>${mebibytes} MB of memory</rasd:ElementName>
        <rasd:InstanceID>2</rasd:InstanceID>
        <rasd:ResourceType>4</rasd:ResourceType>
        <rasd:VirtualQuantity>${mebibytes}</rasd:VirtualQuantity>
      </Item>`;

const { small, large } = sampleFacts.options;

const hardware = `    <VirtualHardwareSection>
      <Info>Virtual hardware</Info>
      <System>
        <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
        <vssd:InstanceID>0</vssd:InstanceID>
        <vssd:VirtualSystemType>vmx-13</vssd:VirtualSystemType>
      </System>
${processors(small.cpuCount, '')}
${processors(large.cpuCount, ' ovf:configuration="large"')}
${memory(small.memorySizeMib, '')}
${memory(large.memorySizeMib, ' ovf:configuration="large"')}
      <Item>
        <rasd:Address>0</rasd:Address>
        <rasd:ElementName>SCSI controller 0</rasd:ElementName>
        <rasd:InstanceID>3</rasd:InstanceID>
        <rasd:ResourceSubType>VirtualSCSI</rasd:ResourceSubType>
        <rasd:ResourceType>6</rasd:ResourceType>
      </Item>
      <Item>
        <rasd:AddressOnParent>0</rasd:AddressOnParent>
        <rasd:ElementName>Hard disk 1</rasd:ElementName>
        <rasd:HostResource>ovf:/disk/disk1</rasd:HostResource>
        <rasd:InstanceID>4</rasd:InstanceID>
        <rasd:Parent>3</rasd:Parent>
        <rasd:ResourceType>17</rasd:ResourceType>
      </Item>
      <Item>
        <rasd:AddressOnParent>7</rasd:AddressOnParent>
        <rasd:AutomaticAllocation>true</rasd:AutomaticAllocation>
        <rasd:Connection>${sampleFacts.network}</rasd:Connection>
        <rasd:ElementName>Network adapter 1</rasd:ElementName>
        <rasd:InstanceID>5</rasd:InstanceID>
        <rasd:ResourceSubType>VmxNet3</rasd:ResourceSubType>
        <rasd:ResourceType>10</rasd:ResourceType>
      </Item>
    </VirtualHardwareSection>`;
