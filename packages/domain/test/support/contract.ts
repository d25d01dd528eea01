import { readFileSync } from 'node:fs';
import * as domain from '@ovfkit/domain';
import { ApiSession, operationRoutes } from '@ovfkit/domain/wire';
import { z } from 'zod';
import * as library from '../../src/library-item.ts';
import * as params from '../../src/ovf-params.ts';

const Operation = z.object({ method: z.string(), path: z.string(), query: z.string() });

/** What the contract says, taken from its tables and examples once. */
const Contract = z.object({
  operations: z.array(
    z.object({
      service: z.string(),
      operation: z.string(),
      rest: Operation,
      api: Operation.nullable(),
      errors: z.array(z.string()),
    }),
  ),
  undeclaredErrors: z.array(z.string()),
  errors: z.array(z.object({ suffix: z.string(), type: z.string(), status: z.number() })),
  enums: z.record(z.string(), z.array(z.string())),
  flags: z.array(z.object({ flag: z.string(), use: z.enum(['import', 'export']) })),
  specClasses: z.array(z.string()),
  structures: z.record(z.string(), z.record(z.string(), z.enum(['required', 'optional']))),
  parameters: z.array(z.object({ type: z.string(), class: z.string(), fields: z.array(z.string()) })),
  examples: z.array(z.object({ section: z.string(), use: z.string(), json: z.unknown() })),
});

export const contract = Contract.parse(
  JSON.parse(readFileSync(new URL('../fixtures/contract.json', import.meta.url), 'utf8')),
);

const { importSession, exportSession, probeImportSession, importFlag, capability, libraryItem } = operationRoutes;

/** The contract's names of structures, and what stands for each in the code. */
export const structures: Readonly<Record<string, z.ZodObject>> = {
  'import_session.create_spec': domain.ImportCreateSpec,
  'import_session.info': domain.ImportInfo,
  'import_session.probe_result': domain.ProbeResult,
  'import_session.ovf_validation_result': domain.OvfValidationResult,
  'import_session.preview': domain.ImportPreview,
  'import_session.create_for_resource_pool': importSession.createForResourcePool.input,
  'import_session.try_instantiate': importSession.tryInstantiate.input,
  'import_session.instantiate': importSession.instantiate.input,
  'import_session.progress': importSession.progress.input,
  'import_session.preview:input': importSession.preview.input,
  'import_session.probe': importSession.probe.input,
  'probe_import_session.info': domain.ProbeInfo,
  'probe_import_session.create_probe_import_session': probeImportSession.createProbeImportSession.input,
  'probe_import_session.try_instantiate': probeImportSession.tryInstantiate.input,
  'export_session.create_spec': domain.ExportCreateSpec,
  'export_session.info': domain.ExportInfo,
  'export_session.create': exportSession.create.input,
  'export_session.preview_spec': domain.ExportPreviewSpec,
  'export_session.preview': domain.ExportPreview,
  'export_session.preview:input': exportSession.preview.input,
  source_info: domain.SourceInfo,
  preview_file: domain.PreviewFile,
  ovf_file_info: domain.OvfFileInfo,
  localizable_message: domain.LocalizableMessage,
  localization_param: domain.LocalizationParam,
  nested_localizable_message: domain.NestedLocalizableMessage,
  error: domain.StandardError,
  ovf_message: domain.OvfMessage,
  ovf_info: domain.OvfInfo,
  parse_issue: domain.ParseIssue,
  result_info: domain.ResultInfo,
  flag: domain.OvfFlag,
  'import_flag.list': importFlag.list.input,
  'capability.get': capability.get.input,
  capability: domain.Capability,
  'library_item.create': libraryItem.create.input,
  'library_item.source': domain.Ref,
  'library_item.create_target': library.LibraryItemTarget,
  'library_item.create_spec': library.LibraryItemCreateSpec,
  'library_item.create_result': domain.CreateLibraryItemResult,
  'library_item.deploy': libraryItem.deploy.input,
  'library_item.filter': libraryItem.filter.input,
  resource_pool_deployment_spec: domain.ResourcePoolDeploymentSpec,
  deployment_target: domain.DeploymentTarget,
  deployment_result: domain.DeploymentResult,
  storage_group_mapping: domain.StorageGroupMapping,
  vm_config_spec: library.VmConfigSpec,
  ovf_summary: domain.OvfSummary,
  api_session: ApiSession,
  DeploymentOption: params.DeploymentOption,
  ExtraConfig: params.ExtraConfig,
  Property: params.Property,
  ScaleOutGroup: params.ScaleOutGroup,
  WarningInfo: params.WarningInfo,
  UnknownSection: params.UnknownSection,
  SourceNetwork: params.SourceNetwork,
  TargetNetwork: params.TargetNetwork,
  StorageProfileTarget: params.StorageProfileTarget,
  DatastoreTarget: params.DatastoreTarget,
  DatastoreDiskGroup: params.DatastoreDiskGroup,
  StorageDiskGroup: params.StorageDiskGroup,
  VServiceDependency: params.VServiceDependency,
  VServiceProvider: params.VServiceProvider,
  VcenterGuestCustomization: params.VcenterGuestCustomization,
};

/** The contract's names of enumerations, and what stands for each in the code. */
export const enums: Readonly<Record<string, z.ZodEnum>> = {
  SourceType: domain.SourceType,
  PushSourceContentType: domain.PushSourceContentType,
  PushSourceOvfOption: domain.PushSourceOvfOption,
  FileTransferMode: domain.FileTransferMode,
  ImportState: domain.ImportState,
  ProbeState: domain.ProbeState,
  ProbeStatus: domain.ProbeStatus,
  TargetType: domain.TargetType,
  TargetContentType: domain.TargetContentType,
  ExportState: domain.ExportState,
  FileType: domain.FileType,
  HttpUploadMethod: domain.HttpUploadMethod,
  'OvfMessage.Category': domain.OvfMessageCategory,
  ParseIssueCategory: domain.ParseIssueCategory,
  DiskProvisioningType: domain.DiskProvisioningType,
  IpAllocationPolicy: domain.IpAllocationPolicy,
  IpAllocationScheme: domain.IpAllocationScheme,
  IpProtocol: domain.IpProtocol,
  'DatastoreTarget.InaccessibleReason': domain.DatastoreInaccessibleReason,
  'TargetNetwork.InaccessibleReason': domain.NetworkInaccessibleReason,
  'VServiceProvider.BindingStatus': domain.BindingStatus,
  'VcenterGuestCustomization.Type': domain.GuestCustomizationType,
  WarningType: domain.WarningType,
  'StorageGroupMapping.Type': domain.StorageGroupMappingType,
  DateTimeFormat: domain.DateTimeFormat,
};
