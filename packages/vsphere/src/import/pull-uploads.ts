import { SessionError, type StoredFile } from '@ovfkit/domain';
import { type FileSource, sourceOf, type UrlOrigin } from '../origin.ts';
import type { HeldLease } from '../vim/lease.ts';
import { type LeaseSource, pullFiles, reachesAll } from '../vim/lease-pull.ts';
import type { NfcUpload } from '../vim/nfc-transfer.ts';
import type { VimClient } from '../vim/vim-client.ts';

export interface Pulling {
  readonly vim: VimClient;
  readonly held: HeldLease;
  readonly origin: UrlOrigin;
  readonly uploads: readonly NfcUpload[];
  /** Told why this process sends what the hosts do not fetch. */
  readonly onSent: (reason: string) => void;
}

/**
 * Has the hosts fetch the files of an import themselves. Resolves to whether they have: where they cannot, somebody has to send them.
 * @throws SessionError when they cannot and are to; the signal's reason
 */
export async function pullUploads(pulling: Pulling): Promise<boolean> {
  const { held, origin, onSent } = pulling;
  try {
    await pull(pulling);
    return true;
  } catch (error) {
    held.signal.throwIfAborted();
    if (!(error instanceof SessionError) || origin.otherwise === 'fail') throw error;
    onSent(error.message);
    return false;
  }
}

async function pull({ vim, held, origin, uploads }: Pulling): Promise<void> {
  const { lease, canPull, signal } = held;
  if (!canPull) throw new SessionError('UNSUPPORTED', 'The hosts of this vSphere fetch no files themselves.');
  const files = uploads.map((upload) => leaseSource(upload, origin));
  const pulling = { vim, lease, files, signal };
  if (!(await reachesAll(pulling)))
    throw new SessionError('RESOURCE_INACCESSIBLE', 'The hosts do not reach the server of the package.');
  await pullFiles(pulling, held);
}

/** Where hosts fetch a file from, or why none can take it as it is there. */
export function fetchable(
  { name, compression }: StoredFile,
  origin: UrlOrigin,
): { readonly source: FileSource } | { readonly obstacle: string } {
  const source = sourceOf(origin, name);
  if (source === undefined) return { obstacle: `${name} is in pieces, or at no address.` };
  return compression === undefined ? { source } : { obstacle: `${name} is compressed, which no host undoes.` };
}

/** @throws SessionError UNSUPPORTED for a file that no host can take */
function leaseSource({ device, item, file }: NfcUpload, origin: UrlOrigin): LeaseSource {
  const found = fetchable(file, origin);
  if ('obstacle' in found) throw new SessionError('UNSUPPORTED', found.obstacle);
  return { ...found.source, device: device.importKey ?? '', create: item.create === true, size: file.size };
}
