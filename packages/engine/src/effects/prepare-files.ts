import { createHash } from 'node:crypto';
import type { ExportEvent, ExportSession, SessionFile, SessionMember } from '@ovfkit/domain';
import { tarSize, writeManifest } from '@ovfkit/package-format';
import { blobKey, sessionKey } from '../blob-key.ts';
import { textBytes } from '../byte-stream.ts';
import type { Core } from '../core.ts';
import { stagedEntity } from '../export/described-entity.ts';
import { exportDescriptor } from '../export/export-descriptor.ts';
import { type ExportChoice, exportPackage } from '../export/export-package.ts';
import type { Flow } from '../flow.ts';
import { waitingFile } from '../package-files.ts';

/** The flow of exports. */
export type ExportFlow = Flow<ExportSession, ExportEvent>;

interface Preparation {
  readonly core: Core;
  readonly flow: ExportFlow;
  readonly id: string;
  readonly signal: AbortSignal;
}

/**
 * Writes descriptor and manifest and lists the files. Disks are where the inventory keeps them, or were fetched by it: their digests
 * are known since they came. Done again after a restart it begins anew.
 */
export async function prepareFiles({ core, flow, id, signal }: Preparation): Promise<void> {
  const session = await flow.get(id);
  if (session.state !== 'EXPORT_PREPARING') return;
  const members = await writePackage(core, { session, signal });
  const files = listed(session, members);
  for (const file of files)
    await flow.step(id, ({ files: known }) =>
      known.some(({ name }) => name === file.name) ? undefined : { type: 'addFile', file },
    );
  await flow.step(id, () => ({ type: 'prepared', members, warnings: [] }));
}

/** What was asked for by the session. Empty texts count as none. */
export const choiceOf = ({ createSpec }: Pick<ExportSession, 'createSpec'>): ExportChoice => ({
  flags: new Set(createSpec.exportFlags ?? []),
  name: createSpec.name || undefined,
  description: createSpec.description || undefined,
});

/** The inventory's name for what a session exports. */
export const sourceRef = ({ vmId, vappId }: ExportSession['source']) =>
  vmId ? { type: 'VirtualMachine', id: vmId } : { type: 'VirtualApp', id: vappId ?? '' };

async function writePackage(
  core: Core,
  { session, signal }: { readonly session: ExportSession; readonly signal: AbortSignal },
): Promise<readonly SessionMember[]> {
  const choice = choiceOf(session);
  const prefix = `${sessionKey({ kind: 'export', id: session.id })}/staged`;
  const staging = { ref: sourceRef(session.source), prefix, flags: [...choice.flags] };
  const entity = stagedEntity(await core.inventory.stage(staging, { signal }));
  const parts = exportPackage(entity, choice);
  const text = exportDescriptor({ entity, choice, parts });
  const descriptor = await writeText(core, { id: session.id, name: `${parts.stem}.ovf`, fileType: 'OVF', text });
  const manifest = writeManifest(
    [descriptor, ...parts.files].map(({ name, sha256 }) => ({ name, algorithm: 'SHA256', digest: sha256 })),
  );
  const files = parts.files.map(({ name, fileType, blob, size, sha256 }) => ({ name, fileType, blob, size, sha256 }));
  const manifestFile = { id: session.id, name: `${parts.stem}.mf`, fileType: 'MANIFEST', text: manifest } as const;
  // DSP0243, clause 6.1: the manifest directly follows the descriptor
  return [descriptor, await writeText(core, manifestFile), ...files];
}

async function writeText(
  { blobs }: Core,
  { id, name, fileType, text }: { id: string; name: string; fileType: 'OVF' | 'MANIFEST'; text: string },
): Promise<SessionMember> {
  const blob = blobKey({ kind: 'export', id }, name);
  await blobs.delete(blob);
  const size = await blobs.append(blob, 0, textBytes(text));
  const sha256 = createHash('sha256').update(text).digest('hex');
  await blobs.seal(blob, sha256);
  return { name, fileType, blob, size, sha256 };
}

function listed({ createSpec }: ExportSession, members: readonly SessionMember[]): readonly SessionFile[] {
  if (createSpec.targetContentType !== 'OVA_TARGET')
    return members.map(({ name, fileType, size, sha256 }) => ({ ...waitingFile({ name, fileType, size }), sha256 }));
  const name = (members[0]?.name ?? '').replace(/\.ovf$/, '.ova');
  return [waitingFile({ name, fileType: 'OVA', size: tarSize(members) })];
}
