import { z } from 'zod';
import { PreviewFile } from './import-session.ts';
import { OvfFileInfo, SessionFile, SessionMember } from './ovf-file.ts';
import { OvfError, OvfInfo, OvfWarning } from './ovf-message.ts';
import { Id, Long, openEnum, structure } from './structure.ts';

export const TargetType = z.enum(['DOWNLOAD_TARGET', 'CONTENT_LIBRARY_TARGET']);
export type TargetType = z.infer<typeof TargetType>;
export const TargetContentType = z.enum(['OVF_TARGET', 'OVA_TARGET']);
export type TargetContentType = z.infer<typeof TargetContentType>;
/** The state of an export session: the API's names are the machine's (contract, section 10.3). */
export const ExportState = z.enum([
  'EXPORT_PREPARING',
  'EXPORT_READY',
  'EXPORT_IN_PROGRESS',
  'EXPORT_COMPLETED',
  'EXPORT_ERROR',
]);
export type ExportState = z.infer<typeof ExportState>;

/** What to export: exactly one of the two. */
export const SourceInfo = structure({ vmId: z.exactOptional(Id), vappId: z.exactOptional(Id) });
export type SourceInfo = z.infer<typeof SourceInfo>;

/** Target and options of an export (contract, section 7.7). */
export const ExportCreateSpec = structure(
  {
    targetType: openEnum(TargetType),
    /** Absent counts as `OVF_TARGET` (contract, 14.7). */
    targetContentType: z.exactOptional(openEnum(TargetContentType)),
    exportFlags: z.exactOptional(z.array(z.string())),
    name: z.exactOptional(z.string()),
    description: z.exactOptional(z.string()),
    contentLibrary: z.exactOptional(Id),
    contentLibraryItem: z.exactOptional(Id),
  },
  { className: 'com.vmware.vcenter.ovf.export_session.create_spec' },
);
export type ExportCreateSpec = z.infer<typeof ExportCreateSpec>;

/** An export session as its client sees it (contract, section 7.8). */
export const ExportInfo = structure({
  state: openEnum(ExportState),
  /** Percent; only with a content library target. */
  progress: z.exactOptional(Long),
  files: z.array(OvfFileInfo),
  errors: z.array(OvfError),
  warnings: z.array(OvfWarning),
  information: z.array(OvfInfo),
  libraryItemId: z.exactOptional(Id),
});
export type ExportInfo = z.infer<typeof ExportInfo>;

export const ExportPreviewSpec = structure(
  {
    exportFlags: z.exactOptional(z.array(z.string())),
    targetType: z.exactOptional(openEnum(TargetType)),
  },
  { className: 'com.vmware.vcenter.ovf.export_session.preview_spec' },
);
export type ExportPreviewSpec = z.infer<typeof ExportPreviewSpec>;

export const ExportPreview = structure({ files: z.array(PreviewFile) });
export type ExportPreview = z.infer<typeof ExportPreview>;

export const CreateExportSession = structure({
  clientToken: z.exactOptional(z.string()),
  source: SourceInfo,
  createSpec: ExportCreateSpec,
});
export type CreateExportSession = z.infer<typeof CreateExportSession>;

/** The export session as the engine keeps it. */
export const ExportSession = z.object({
  id: Id,
  /** Who made it; no one else sees it. */
  owner: z.string(),
  clientToken: z.string(),
  /** The service that made it for a call of its own: it is no session of its owner's to look after. */
  behind: z.exactOptional(z.literal('library_item')),
  state: ExportState,
  source: SourceInfo,
  createSpec: ExportCreateSpec,
  /** Percent: of the transfer to a library, else what the client last reported. */
  progress: Long,
  files: z.array(SessionFile),
  /** The files of the package in their order; absent before `EXPORT_READY`. */
  members: z.exactOptional(z.array(SessionMember)),
  errors: z.array(OvfError),
  warnings: z.array(OvfWarning),
  information: z.array(OvfInfo),
  libraryItemId: z.exactOptional(Id),
  /** Milliseconds since 1970; so is `expiresAt`. */
  createdAt: Long,
  expiresAt: Long,
});
export type ExportSession = z.infer<typeof ExportSession>;

/** What is wrong with a source and a target by the union rules of sections 5.1 and 7.7; empty when nothing is. */
export function exportProblems({ source, createSpec }: CreateExportSession): readonly string[] {
  return [...exportSourceProblems(source), ...exportCreateSpecProblems(createSpec)];
}

/** What is wrong with a source; empty when it names exactly one of the two. */
function exportSourceProblems({ vmId, vappId }: SourceInfo): readonly string[] {
  if (vmId && vappId) return ['source names both vm_id and vapp_id; give one'];
  if (!vmId && !vappId) return ['source names neither vm_id nor vapp_id; give one']; // '' counts as unset (contract, 14.23)
  return [];
}

/** What is wrong with a question for the files of an export; its target type may be left out. */
export const exportPreviewProblems = (source: SourceInfo, { targetType }: ExportPreviewSpec): readonly string[] => [
  ...exportSourceProblems(source),
  ...(targetType === undefined ? [] : targetTypeProblems(targetType)),
];

const targetTypeProblems = (targetType: string): readonly string[] =>
  TargetType.safeParse(targetType).success
    ? []
    : [`target_type ${targetType} is not one of ${TargetType.options.join(', ')}`];

function exportCreateSpecProblems(spec: ExportCreateSpec): readonly string[] {
  const { targetType, targetContentType: content } = spec;
  if (!TargetType.safeParse(targetType).success) return targetTypeProblems(targetType);
  const problems: string[] = [];
  if (content !== undefined && !TargetContentType.safeParse(content).success)
    problems.push(`target_content_type ${content} is not one of ${TargetContentType.options.join(', ')}`);
  if (targetType === 'CONTENT_LIBRARY_TARGET' && content !== undefined)
    problems.push('target_content_type does not belong to CONTENT_LIBRARY_TARGET');
  if (targetType === 'CONTENT_LIBRARY_TARGET' && !spec.contentLibrary)
    problems.push('content_library is required with CONTENT_LIBRARY_TARGET');
  if (targetType === 'DOWNLOAD_TARGET' && spec.contentLibrary !== undefined)
    problems.push('content_library does not belong to DOWNLOAD_TARGET');
  return problems;
}
