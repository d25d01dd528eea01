import { SessionError } from '@ovfkit/domain';
import { sourceOf, type UrlOrigin } from '../origin.ts';
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

/** @throws SessionError UNSUPPORTED for a file that no host can take as it is there */
function leaseSource({ device, item, file }: NfcUpload, origin: UrlOrigin): LeaseSource {
  const source = sourceOf(origin, file.name);
  if (source === undefined) throw new SessionError('UNSUPPORTED', `${file.name} is in pieces, or at no address.`);
  if (file.compression !== undefined)
    throw new SessionError('UNSUPPORTED', `${file.name} is compressed, which no host undoes.`);
  return { ...source, device: device.importKey ?? '', create: item.create === true, size: file.size };
}
