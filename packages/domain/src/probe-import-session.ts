import { z } from 'zod';
import { ImportCreateSpec } from './import-session.ts';
import { OvfFileInfo, SessionFile, SessionMember } from './ovf-file.ts';
import { OvfError, OvfInfo, OvfWarning } from './ovf-message.ts';
import { Id, Long, openEnum, structure } from './structure.ts';

export const ProbeState = z.enum([
  'PROBE_IMPORT_OVF_TRANSFER',
  'PROBE_IMPORT_MSG_BUNDLES_TRANSFER',
  'PROBE_IMPORT_SELECTING_OVF_PARAMS',
  'PROBE_IMPORT_ERROR',
]);
export type ProbeState = z.infer<typeof ProbeState>;

/** A probe session as its client sees it (contract, section 7.6). */
export const ProbeInfo = structure({
  state: openEnum(ProbeState),
  files: z.array(OvfFileInfo),
  errors: z.array(OvfError),
  warnings: z.array(OvfWarning),
  information: z.array(OvfInfo),
});
export type ProbeInfo = z.infer<typeof ProbeInfo>;

export const CreateProbeImportSession = structure({
  clientToken: z.exactOptional(z.string()),
  createSpec: ImportCreateSpec,
});
export type CreateProbeImportSession = z.infer<typeof CreateProbeImportSession>;

/** A dry run of an import without a target, as the engine keeps it. */
export const ProbeImportSession = z.object({
  id: Id,
  owner: z.string(),
  clientToken: z.string(),
  state: ProbeState,
  createSpec: ImportCreateSpec,
  files: z.array(SessionFile),
  /** OVA push: what was taken from the archive so far. Library item: its files. */
  members: z.exactOptional(z.array(SessionMember)),
  errors: z.array(OvfError),
  warnings: z.array(OvfWarning),
  information: z.array(OvfInfo),
  /** Milliseconds since 1970; so is `expiresAt`. */
  createdAt: Long,
  expiresAt: Long,
});
export type ProbeImportSession = z.infer<typeof ProbeImportSession>;
