import { type BlobStore, type NewEntity, type Ref, SessionError } from '@ovfkit/domain';
import type { UrlOrigin } from '../origin.ts';
import { faultOf } from '../vim/fault.ts';
import { type HeldLease, holdLease } from '../vim/lease.ts';
import { type NfcSending, type NfcUpload, sendToDevice } from '../vim/nfc-transfer.ts';
import { type FileItem, specIn } from '../vim/ovf-manager.ts';
import type { VimClient, VimMethod } from '../vim/vim-client.ts';
import { reference } from '../vim/vim-shape.ts';
import { type ManagedObject, managedObject, type VimObject } from '../vim/vim-value.ts';
import { type AskParts, type AskSpec, bundlesOf } from './asked-spec.ts';
import { atOnce } from './at-once.ts';
import { checkManifest } from './check-manifest.ts';
import { editImportSpec } from './import-spec.ts';
import { refuseUnleased } from './lease-refusals.ts';
import { abandonedLeaseMs, findMade, type MadeQuery, markDone, refOf, removeMade } from './made.ts';
import { pullUploads } from './pull-uploads.ts';
import { untakenFileTexts, uploadsOf } from './uploads.ts';
import { poolRef, whereaboutsOf } from './whereabouts.ts';

/** Something that a user may want to know, and that ends nothing. */
export interface ImportNotice {
  /** Of the import. */
  readonly key: string;
  /**
   * `restart`: a file begins anew, for hosts do not take up uploads; `warning`: the server's, what could not be undone, or not be checked;
   * `information`: which way the bytes took.
   */
  readonly kind: 'restart' | 'warning' | 'information';
  readonly text: string;
}

export interface ImportParts {
  readonly vim: VimClient;
  readonly nfc: NfcSending;
  readonly blobs: Pick<BlobStore, 'read'>;
  readonly places: AskParts['places'];
  /** Of the same server. */
  readonly ask: AskSpec;
  /** Where the hosts may get the package themselves. */
  readonly origin?: UrlOrigin | undefined;
  readonly onNotice: (notice: ImportNotice) => void;
}

const importVapp: VimMethod<ManagedObject> = { name: 'ImportVApp', result: reference, isRepeatable: false };

/** How long a lease that was aborted may take to let go. */
const abortedLeaseMs = 30_000;
/** Each has a connection of its own; more do not make a host faster. */
const uploadsAtOnce = 4;

/**
 * Makes the entity of a request by a lease: all of it or nothing. Asked again with the same key it gives what is whole, and removes
 * what is not before it begins anew.
 * @throws SessionError ALREADY_EXISTS when the name is taken; as the server refuses the package; INVALID_ARGUMENT for bytes that are
 *   not those of their digest; the signal's reason. Nothing is left then, or the text says what is
 */
export async function importEntity(parts: ImportParts, request: NewEntity, signal: AbortSignal): Promise<Ref> {
  const { vim } = parts;
  const pool = await poolRef(parts.places, { entity: request.entity, signal });
  const query = { key: request.key, near: whereaboutsOf(pool, request.entity) };
  const before = await findMade(vim, { ...query, signal });
  if (before?.isDone) return refOf(before.entity);
  if (before !== undefined) {
    const onHeld = (): void => parts.onNotice(heldNotice(request));
    await removeMade(vim, { entity: before.entity, withinMs: abandonedLeaseMs, signal, onHeld });
  }
  const { spec, files } = await specOf(parts, { request, pool, signal });
  const { entity } = request;
  try {
    const held = await begin(vim, { request, pool, spec, signal });
    await fill(parts, { held, request, items: files });
    // from here on it is whole, whatever the signal says: whoever gave it up removes it
    await markDone(vim, { entity: held.info.entity, key: request.key });
    return refOf(held.info.entity);
  } catch (error) {
    // a refused import has made nothing
    if (faultOf(error) !== undefined && isOf(error, importVapp.name)) throw error;
    throw undone(error, { name: entity.name, left: await leftOf(parts, query) });
  }
}

const heldNotice = ({ key, entity }: NewEntity): ImportNotice => ({
  key,
  kind: 'information',
  text: `What an earlier attempt has made of ${entity.name} is still held by its lease, and removed when that ends, usually within five minutes; then the import begins anew.`,
});

const isOf = (error: unknown, method: string): boolean =>
  error instanceof SessionError &&
  typeof error.data === 'object' &&
  error.data !== null &&
  'method' in error.data &&
  error.data.method === method;

interface Beginning {
  readonly request: NewEntity;
  readonly pool: ManagedObject;
  readonly signal: AbortSignal;
}

async function specOf({ ask, blobs, onNotice }: ImportParts, beginning: Beginning) {
  const { request } = beginning;
  const { key } = request;
  refuseUnleased(request.entity);
  const { answer, datastores } = await ask({ ...beginning, bundles: await bundlesOf(blobs, request) });
  const spec = specIn(answer);
  for (const { text } of answer.warnings) onNotice({ key, kind: 'warning', text });
  return { spec: editImportSpec(spec, { ...request, datastores }), files: answer.files };
}

/** A name that is taken is told by the call, or by the lease. */
async function begin(
  vim: VimClient,
  { request, pool, spec, signal }: Beginning & { readonly spec: VimObject },
): Promise<HeldLease> {
  signal.throwIfAborted();
  const { name, placement } = request.entity;
  const { folder, host } = placement;
  try {
    // not ended by the signal: its answer names what has to be undone
    const lease = await vim.call(importVapp, {
      object: pool,
      args: {
        spec,
        folder: pool.type === 'VirtualApp' ? undefined : managedObject('Folder', folder),
        host: host === undefined ? undefined : managedObject('HostSystem', host),
      },
    });
    return await holdLease({ vim, lease, signal });
  } catch (error) {
    if (!(error instanceof SessionError) || error.kind !== 'ALREADY_EXISTS') throw error;
    const text = `There is something with the name ${name} already: ${error.message}`;
    throw new SessionError(error.kind, text, { cause: error, data: error.data });
  }
}

interface Filling {
  readonly held: HeldLease;
  readonly request: NewEntity;
  readonly items: readonly FileItem[];
}

async function fill(parts: ImportParts, filling: Filling): Promise<void> {
  const { held } = filling;
  try {
    const uploads = uploadsOf(filling);
    for (const text of untakenFileTexts(filling)) parts.onNotice({ key: filling.request.key, kind: 'warning', text });
    await held.wantSha256();
    const isPulled = await pulled(parts, { ...filling, uploads });
    if (!isPulled) await sendAll(parts, { ...filling, uploads });
    const unchecked = await checkManifest(held, uploads);
    if (isPulled && unchecked.length > 0) parts.onNotice(uncheckedNotice(filling.request, unchecked));
    await held.complete();
  } catch (error) {
    await held.abort(error);
    throw error;
  }
}

async function pulled(
  { vim, origin, onNotice }: ImportParts,
  { held, request, uploads }: Filling & { readonly uploads: readonly NfcUpload[] },
): Promise<boolean> {
  if (origin === undefined) return false;
  const onSent = (reason: string): void =>
    onNotice({ key: request.key, kind: 'information', text: `The package is sent from here: ${reason}` });
  return pullUploads({ vim, held, origin, uploads, onSent });
}

const uncheckedNotice = ({ key }: NewEntity, names: readonly string[]): ImportNotice => ({
  key,
  kind: 'warning',
  text: `The hosts do not tell what they fetched of ${names.join(', ')}: nobody has compared it with its digest.`,
});

async function sendAll(
  { nfc, blobs, onNotice }: ImportParts,
  { held, request, uploads }: Filling & { readonly uploads: readonly NfcUpload[] },
): Promise<void> {
  const { key, entity } = request;
  const sentOf = new Map<NfcUpload, number>();
  const total = uploads.reduce((sum, { file }) => sum + file.size, 0);
  const report = (): void => held.report((100 * [...sentOf.values()].reduce((sum, sent) => sum + sent, 0)) / total);
  // a difference is written onto what it is a difference to
  const isOrdered = entity.vms.some(({ disks }) => disks.some(({ bases = [] }) => bases.length > 0));
  await atOnce(uploads, {
    limit: isOrdered ? 1 : uploadsAtOnce,
    signal: held.signal,
    work: (upload, signal) =>
      sendToDevice(
        { ...nfc, blobs },
        {
          ...upload,
          signal,
          onSent(sent) {
            sentOf.set(upload, sent);
            report();
          },
          onRestart: ({ message }) =>
            onNotice({ key, kind: 'restart', text: `${upload.file.name} begins anew: ${message}` }),
        },
      ),
  });
}

/** What is left of an import that failed, after an attempt to remove it: a remark, or nothing. */
async function leftOf({ vim, onNotice }: ImportParts, query: MadeQuery): Promise<string | undefined> {
  try {
    const made = await findMade(vim, query);
    if (made !== undefined) await removeMade(vim, { entity: made.entity, withinMs: abortedLeaseMs });
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const text = `What the import has made could not be removed: ${reason} vSphere removes it itself when its lease times out; look for it in a few minutes.`;
    onNotice({ key: query.key, kind: 'warning', text });
    return text;
  }
}

/** The error with what became of the import; the reason of a signal stays as it is. */
function undone(error: unknown, { name, left }: { readonly name: string; readonly left: string | undefined }): unknown {
  if (!(error instanceof SessionError)) return error;
  const text = `${error.message}${/[.!?]$/.test(error.message) ? '' : '.'} ${left ?? `Nothing was left of ${name}.`}`;
  return new SessionError(error.kind, text, { cause: error, data: error.data });
}
