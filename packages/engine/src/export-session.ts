import { randomUUID } from 'node:crypto';
import {
  type CreateExportSession,
  type Entity,
  type ExportPreview,
  type ExportPreviewSpec,
  type ExportSessionService,
  exportFlags,
  exportPreviewProblems,
  exportProblems,
  SessionError,
  type SourceInfo,
} from '@ovfkit/domain';
import { type SessionAddress, sessionKey } from './blob-key.ts';
import { checkPercent, flagProblems, guarded, refuse, sessionTokenOf } from './call-check.ts';
import type { Core, Principal } from './core.ts';
import { type ExportFlow, sourceRef } from './effects/prepare-files.ts';
import { exportPackage } from './export/export-package.ts';
import { exportInfo } from './info.ts';
import { checkTargetItem } from './library/export-target.ts';
import { releaseSession } from './session-blobs.ts';
import { summarizeLiving } from './session-summary.ts';

interface Exports {
  readonly core: Core;
  readonly flow: ExportFlow;
  readonly principal: Principal;
  /** Whose calls they are made for, when they are not their owner's own. */
  readonly behind?: 'library_item';
}

/** Exports of one caller. */
export function createExportSessions(exports: Exports): ExportSessionService {
  const { core, flow, principal } = exports;
  return {
    create: guarded((input) => create(exports, input)),
    get: guarded(async ({ id }) => exportInfo(await flow.use(id, principal))),
    progress: guarded(async ({ id, percent }) => {
      const session = await flow.use(id, principal);
      checkPercent(percent, session.progress);
      await flow.step(id, () => ({ type: 'reportProgress', percent }));
    }),
    delete: guarded(async ({ id }) => {
      if ((await flow.find(id, principal)) !== undefined) await removeExport({ core, flow }, id);
    }),
    preview: guarded(({ source, previewSpec }) => preview(core, { source, previewSpec })),
    list: guarded(async () =>
      summarizeLiving(core, await core.sessions.exports.list(principal.isAdmin ? {} : { owner: principal.user })),
    ),
  };
}

async function create({ core, flow, principal, behind }: Exports, input: CreateExportSession): Promise<string> {
  const { source, createSpec } = input;
  const clientToken = sessionTokenOf(input.clientToken, behind);
  refuse([...exportProblems(input), ...flagProblems(createSpec.exportFlags, exportFlags)]);
  if (createSpec.targetType === 'CONTENT_LIBRARY_TARGET') await checkTargetItem(core, createSpec);
  const entity = await core.inventory.describe(sourceRef(source));
  if (!core.inventory.features.exportRunning) refuseRunning(entity);
  const now = core.clock();
  const session = await flow.begin({
    id: randomUUID(),
    owner: principal.user,
    clientToken,
    ...(behind === undefined ? {} : { behind }),
    state: 'EXPORT_PREPARING',
    source,
    createSpec,
    progress: 0,
    files: [],
    errors: [],
    warnings: [],
    information: [],
    createdAt: now,
    expiresAt: now + core.idleTimeoutMs,
  });
  return session.id;
}

/** Disks of a machine that runs change while they are read (contract, section 5.1). */
function refuseRunning({ vms }: Entity): void {
  const running = vms.find(({ powerState }) => powerState === 'POWERED_ON');
  if (running === undefined) return;
  throw new SessionError('NOT_ALLOWED_IN_CURRENT_STATE', `${running.name} is powered on. Stop it, then export it.`);
}

/** The names an export would have: descriptor, disks, media. */
async function preview(
  core: Core,
  { source, previewSpec }: { readonly source: SourceInfo; readonly previewSpec: ExportPreviewSpec },
): Promise<ExportPreview> {
  refuse([...exportPreviewProblems(source, previewSpec), ...flagProblems(previewSpec.exportFlags, exportFlags)]);
  const entity = await core.inventory.describe(sourceRef(source));
  const flags = new Set(previewSpec.exportFlags ?? []);
  const { stem, files } = exportPackage(entity, { flags, name: undefined, description: undefined });
  return { files: [`${stem}.ovf`, ...files.map((file) => file.name)].map((name) => ({ name })) };
}

/** Forgets an export, whoever owns it; the entity stays. */
export async function removeExport({ core, flow }: Pick<Exports, 'core' | 'flow'>, id: string): Promise<void> {
  const address: SessionAddress = { kind: 'export', id };
  const deleted = new SessionError('NOT_FOUND', `The session ${id} was deleted.`);
  // in its turn: not between the item that is made and the session that says so
  await core.references.take(() => flow.fail(id, deleted));
  await core.jobs.stop(sessionKey(address), deleted);
  await core.sessions.exports.delete(id);
  await releaseSession(core, address);
}
