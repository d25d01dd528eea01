import { X509Certificate } from 'node:crypto';
import { SessionError, type TransferEndpoint, type UpdateFile } from '@ovfkit/domain';
import { blobKey } from '../blob-key.ts';
import { abortable } from '../byte-stream.ts';
import { isExpected } from '../problem.ts';
import { fetchFile, type Origin, retried } from '../pull/fetch-file.ts';
import { streamArchive } from '../pull/remote-archive.ts';
import { countKey, expandArchive, isArchiveName } from './expand-archive.ts';
import { isPackageItem } from './item-package.ts';
import { type Arrived, algorithmsOf, awaited, completeUpdateFile, failUpdateFile } from './update-arrival.ts';
import type { Updates } from './updates.ts';

interface Pull {
  readonly id: string;
  readonly signal: AbortSignal;
}

/** Fetches every file of an update session that is to be pulled and is not here, one after another. */
export async function pullUpdateFiles(updates: Updates, { id, signal }: Pull): Promise<void> {
  const { core, flow } = updates;
  const { files } = await flow.get(id);
  for (const { name, sourceType } of files) {
    if (sourceType !== 'PULL') continue;
    signal.throwIfAborted();
    try {
      // whoever came first goes on with it
      if (core.jobs.isBusy(pullKey(id, name))) continue;
      await core.jobs.during(pullKey(id, name), () => pullOne(updates, { id, signal, name }));
    } catch (error) {
      signal.throwIfAborted();
      if (!isExpected(error)) core.onError(error, pullKey(id, name));
      await failUpdateFile(updates, { id, name, error });
    }
  }
}

const pullKey = (id: string, name: string): string => `pull ${blobKey({ kind: 'update', id }, name)}`;

async function pullOne(updates: Updates, { id, signal, name }: Pull & { readonly name: string }): Promise<void> {
  const { core, flow } = updates;
  const session = await flow.get(id);
  const file = awaited(session, name);
  if (file?.sourceEndpoint === undefined) return;
  const origin: Origin = { url: file.sourceEndpoint.uri, thumbprint: thumbprintOf(file.sourceEndpoint), signal };
  const item = await core.library.item(session.libraryItemId);
  const algorithms = await algorithmsOf(updates, { session, file });
  const arrived =
    isPackageItem(item) && isArchiveName(name)
      ? await pullArchive(updates, { id, name, origin, algorithms })
      : await pullFile(updates, { id, file, origin, algorithms });
  await completeUpdateFile(updates, { id, arrived });
}

interface Fetch extends Pick<Parameters<typeof expandArchive>[1], 'id' | 'algorithms'> {
  readonly origin: Origin;
}

const pullArchive = (
  { core }: Updates,
  { id, name, origin, algorithms }: Fetch & { readonly name: string },
): Promise<Arrived> =>
  retried(core, origin, async () => {
    try {
      const bytes = abortable(streamArchive(core, origin), origin.signal);
      const onBytes = (total: number) => core.counts.set(countKey(id, name), total);
      return await expandArchive(core, { id, name, bytes, algorithms, onBytes });
    } finally {
      core.counts.delete(countKey(id, name));
    }
  });

async function pullFile(
  { core, flow }: Updates,
  { id, file, origin, algorithms }: Fetch & { readonly file: UpdateFile },
): Promise<Arrived> {
  const { name } = file;
  const blob = blobKey({ kind: 'update', id }, name);
  const { size, sha256, digests } = await fetchFile(core, {
    ...origin,
    blob,
    algorithms,
    etag: file.etag,
    onStart: async (etag) => {
      await flow.step(id, (session) =>
        awaited(session, name) === undefined
          ? undefined
          : { type: 'startFile', name, ...(etag === undefined ? {} : { etag }) },
      );
    },
  });
  return { name, size, digests, content: [{ name, blob, size, sha256 }], url: origin.url };
}

/** SHA-1 of the certificate, as it was given or of the certificate that was given. @throws SessionError INVALID_ARGUMENT */
export function thumbprintOf({ sslCertificateThumbprint, sslCertificate }: TransferEndpoint): string | undefined {
  if (sslCertificateThumbprint !== undefined || sslCertificate === undefined) return sslCertificateThumbprint;
  try {
    return new X509Certificate(sslCertificate).fingerprint;
  } catch (cause) {
    throw new SessionError('INVALID_ARGUMENT', 'ssl_certificate is not a certificate in PEM.', { cause });
  }
}
