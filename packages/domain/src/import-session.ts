import { z } from 'zod';
import { LocalizableMessage } from './localizable-message.ts';
import { OvfFileInfo, SessionFile, SessionMember } from './ovf-file.ts';
import { OvfError, OvfInfo, OvfWarning } from './ovf-message.ts';
import { OvfParamsList } from './ovf-params-list.ts';
import { entries, Id, Long, openEnum, structure } from './structure.ts';
import { toSnakeCase } from './wire/names.ts';

export const SourceType = z.enum(['PUSH_SOURCE', 'PULL_SOURCE', 'CONTENT_LIBRARY_SOURCE']);
export type SourceType = z.infer<typeof SourceType>;
export const PushSourceContentType = z.enum(['OVF_SOURCE', 'OVA_SOURCE']);
export type PushSourceContentType = z.infer<typeof PushSourceContentType>;
export const PushSourceOvfOption = z.enum(['MANIFEST', 'MANIFEST_CERTIFICATE', 'NONE']);
export type PushSourceOvfOption = z.infer<typeof PushSourceOvfOption>;
export const FileTransferMode = z.enum(['SERVER_TRANSFER_MODE', 'EXTERNAL_TRANSFER_MODE']);
export type FileTransferMode = z.infer<typeof FileTransferMode>;
/** The state of an import session: the API's names are the machine's (contract, section 10). */
export const ImportState = z.enum([
  'IMPORT_OVF_TRANSFER',
  'IMPORT_MSG_BUNDLES_TRANSFER',
  'IMPORT_SELECTING_OVF_PARAMS',
  'IMPORT_FILE_TRANSFER',
  'IMPORT_INSTANTIATING',
  'IMPORT_COMPLETED',
  'IMPORT_ERROR',
]);
export type ImportState = z.infer<typeof ImportState>;
export const ProbeStatus = z.enum([
  'SUCCESS',
  'INVALID_URL',
  'TIMED_OUT',
  'HOST_NOT_FOUND',
  'CERTIFICATE_ERROR',
  'UNKNOWN_ERROR',
]);
export type ProbeStatus = z.infer<typeof ProbeStatus>;

/** Source and parsing options of an import (contract, section 7.1). */
export const ImportCreateSpec = structure(
  {
    locale: z.exactOptional(z.string()),
    /** Absent counts as none (contract, 14.5). */
    importFlags: z.exactOptional(z.array(z.string())),
    sourceType: openEnum(SourceType),
    pullSource: z.exactOptional(z.string()),
    sslCertificateThumbprint: z.exactOptional(z.string()),
    pushSourceContentType: z.exactOptional(openEnum(PushSourceContentType)),
    pushSourceOvfOption: z.exactOptional(openEnum(PushSourceOvfOption)),
    contentLibraryItem: z.exactOptional(Id),
  },
  { className: 'com.vmware.vcenter.ovf.import_session.create_spec' },
);
export type ImportCreateSpec = z.infer<typeof ImportCreateSpec>;

/** An import session as its client sees it (contract, section 7.2). */
export const ImportInfo = structure({
  state: openEnum(ImportState),
  /** Percent. */
  progress: Long,
  fileTransferMode: z.exactOptional(openEnum(FileTransferMode)),
  files: z.array(OvfFileInfo),
  errors: z.array(OvfError),
  warnings: z.array(OvfWarning),
  information: z.array(OvfInfo),
  vappId: z.exactOptional(Id),
  vmId: z.exactOptional(Id),
  customizationResults: z.exactOptional(entries(z.boolean())),
});
export type ImportInfo = z.infer<typeof ImportInfo>;

export const OvfValidationResult = structure({
  parameters: OvfParamsList,
  errors: z.array(OvfError),
  warnings: z.array(OvfWarning),
  information: z.array(OvfInfo),
});
export type OvfValidationResult = z.infer<typeof OvfValidationResult>;

export const PreviewFile = structure({ name: z.string() });
export const ImportPreview = structure({
  files: z.array(PreviewFile),
  errors: z.array(OvfError),
  warnings: z.array(OvfWarning),
  information: z.array(OvfInfo),
});
export type ImportPreview = z.infer<typeof ImportPreview>;

export const ProbeResult = structure({
  status: openEnum(ProbeStatus),
  sslThumbprint: z.exactOptional(z.string()),
  errorMessages: z.exactOptional(z.array(LocalizableMessage)),
});
export type ProbeResult = z.infer<typeof ProbeResult>;

export const CreateImportSession = structure({
  resourcePool: Id,
  clientToken: z.exactOptional(z.string()),
  hostSystem: z.exactOptional(Id),
  folder: z.exactOptional(Id),
  createSpec: ImportCreateSpec,
});
export type CreateImportSession = z.infer<typeof CreateImportSession>;

/** The import session as the engine keeps it: the API's view, and what it takes to go on after a restart. */
export const ImportSession = z.object({
  id: Id,
  /** Who made it; no one else sees it. */
  owner: z.string(),
  clientToken: z.string(),
  /** The service that made it for a call of its own: it is no session of its owner's to look after. */
  behind: z.exactOptional(z.literal('library_item')),
  state: ImportState,
  target: z.object({ resourcePool: Id, hostSystem: z.exactOptional(Id), folder: z.exactOptional(Id) }),
  createSpec: ImportCreateSpec,
  progress: Long,
  files: z.array(SessionFile),
  /** OVA push: what was taken from the archive so far. Library item: its files. */
  members: z.exactOptional(z.array(SessionMember)),
  /** What `instantiate` was given; absent before. */
  parameters: z.exactOptional(OvfParamsList),
  errors: z.array(OvfError),
  warnings: z.array(OvfWarning),
  information: z.array(OvfInfo),
  vappId: z.exactOptional(Id),
  vmId: z.exactOptional(Id),
  customizationResults: z.exactOptional(z.array(z.object({ key: z.string(), value: z.boolean() }))),
  /** Milliseconds since 1970; so is `expiresAt`. */
  createdAt: Long,
  expiresAt: Long,
});
export type ImportSession = z.infer<typeof ImportSession>;

/** What is wrong with a source by the union rules of section 7.1; empty when nothing is. */
export function importCreateSpecProblems(spec: ImportCreateSpec): readonly string[] {
  const allowed: Readonly<Record<SourceType, readonly string[]>> = {
    PULL_SOURCE: ['pullSource', 'sslCertificateThumbprint'],
    PUSH_SOURCE: ['pushSourceContentType', 'pushSourceOvfOption'],
    CONTENT_LIBRARY_SOURCE: ['contentLibraryItem'],
  };
  const source = SourceType.safeParse(spec.sourceType);
  if (!source.success) return [`source_type ${spec.sourceType} is not one of ${SourceType.options.join(', ')}`];
  const foreign = Object.values(allowed)
    .flat()
    .filter((field) => field in spec && !allowed[source.data].includes(field))
    .map((field) => `${toSnakeCase(field)} does not belong to ${source.data}`);
  return [...foreign, ...missingFields(spec), ...pushProblems(spec)];
}

function missingFields(spec: ImportCreateSpec): readonly string[] {
  if (spec.sourceType === 'PULL_SOURCE' && !spec.pullSource) return ['pull_source is required with PULL_SOURCE'];
  if (spec.sourceType === 'CONTENT_LIBRARY_SOURCE' && !spec.contentLibraryItem)
    return ['content_library_item is required with CONTENT_LIBRARY_SOURCE'];
  return [];
}

function pushProblems(spec: ImportCreateSpec): readonly string[] {
  const { pushSourceContentType: content, pushSourceOvfOption: option } = spec;
  const problems: string[] = [];
  if (content !== undefined && !PushSourceContentType.safeParse(content).success)
    problems.push(`push_source_content_type ${content} is not one of ${PushSourceContentType.options.join(', ')}`);
  if (option !== undefined && !PushSourceOvfOption.safeParse(option).success)
    problems.push(`push_source_ovf_option ${option} is not one of ${PushSourceOvfOption.options.join(', ')}`);
  if (content === 'OVA_SOURCE' && option !== undefined)
    problems.push('push_source_ovf_option does not belong to OVA_SOURCE');
  return problems;
}
