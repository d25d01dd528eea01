export {
  type ByteCursor,
  type ByteRange,
  concat,
  count,
  createByteCursor,
  exactly,
  type RandomAccess,
  type ReadPart,
  randomAccessOf,
  readAll,
  rechunk,
} from './bytes.ts';
export { type CertificateFile, readCertificate, writeCertificate } from './certificate.ts';
export { type DiskDescriptor, type DiskExtent, readDiskDescriptor, writeDiskDescriptor } from './disk-descriptor.ts';
export type { DiskProblem } from './disk-problem.ts';
export { PackageError, type PackageErrorCode, type PackageErrorPlace, packageErrorCodes } from './errors.ts';
export { type Finding, type FindingCategory, type FindingCode, type FindingSeverity, findingRules } from './finding.ts';
export {
  type DigestAlgorithm,
  digestAlgorithms,
  type Manifest,
  type ManifestEntry,
  readManifest,
  writeManifest,
} from './manifest.ts';
export { type MessageBundle, messageOf, readMessageBundle, withBundles } from './message-bundle.ts';
export { checkName, foldName, nameProblem } from './name.ts';
export { type DescriptorEdit, editDescriptor } from './ovf-edit.ts';
export {
  type EnvironmentEntity,
  type EnvironmentProperty,
  type OvfEnvironment,
  writeEnvironment,
} from './ovf-environment.ts';
export { localizeDescriptor } from './ovf-localize.ts';
export { type ResolvedProperty, resolveProperties } from './ovf-property-resolve.ts';
export { checkPropertyValue } from './ovf-property-value.ts';
export { type Qualifier, readQualifiers } from './ovf-qualifiers.ts';
export { type ReadDescriptorOptions, readDescriptor } from './ovf-read.ts';
export {
  diskOf,
  effectiveItems,
  hostResourceTarget,
  isDiskItem,
  type ResolvedDisk,
  type ResolvedNic,
  type ResolvedPackage,
  type ResolvedSystem,
  type ResolveOptions,
  resolveConfiguration,
} from './ovf-resolve.ts';
export type { InstanceCount, SectionMeaning, StartupItem, Tag } from './ovf-section-types.ts';
export { type PackageSummary, summarize } from './ovf-summary.ts';
export {
  type CimSetting,
  type ConfigEntry,
  type Content,
  contentsOf,
  type DeploymentOption,
  type Descriptor,
  type Disk,
  type Eula,
  eulasOf,
  type FileReference,
  type HardwareFamily,
  type HardwareItem,
  type Icon,
  type Network,
  type OperatingSystem,
  type OvfVersion,
  type PortProfile,
  type ProductSection,
  type Property,
  productsOf,
  type StringBundle,
  systemsOf,
  type UnknownSection,
  type VirtualHardware,
  type VirtualSystem,
  type VirtualSystemCollection,
} from './ovf-types.ts';
export { type WritableEnvelope, writeDescriptor } from './ovf-write.ts';
export type {
  WritableCollection,
  WritableContent,
  WritableProduct,
  WritableProperty,
  WritableSystem,
} from './ovf-write-content.ts';
export type { WritableHardware, WritableItem } from './ovf-write-item.ts';
export type { WritableMeaning, WritableSection } from './ovf-write-section.ts';
export {
  beginsAsDescriptor,
  isDescriptorName,
  isSealName,
  namesOfHref,
  openOva,
  type PackageMember,
  type PackageReader,
  pieceName,
  piecesOf,
  siblingName,
} from './package-read.ts';
export { orderMembers, writeOva } from './package-write.ts';
export { indexTar, readTar, type TarEntry, type TarMember } from './tar-read.ts';
export { type TarInputEntry, type TarLayout, tarLayout, tarSize, writeTar } from './tar-write.ts';
export { readUnit, readWhole, toBytes, type Unit } from './units.ts';
export { checkVmdk, createVmdkCheck, type DiskReport, type VmdkCheck } from './vmdk-check.ts';
export type { OnGrain, PackedGrain } from './vmdk-check-stream.ts';
export { decodeVmdkHeader, hasVmdkMagic, type VmdkHeader } from './vmdk-header.ts';
export { inspectVmdk, type VmdkInfo } from './vmdk-read.ts';
export { defaultXmlLimits, readXml, type XmlDocument, type XmlLimits } from './xml.ts';
export {
  elementsOf,
  textOf,
  type XmlAttribute,
  type XmlElement,
  type XmlNamespace,
  type XmlNode,
  type XmlPosition,
  type XmlRemark,
  type XmlText,
} from './xml-tree.ts';
export { writeXml, writeXmlDocument } from './xml-write.ts';
