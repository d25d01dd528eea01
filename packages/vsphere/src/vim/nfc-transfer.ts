import { X509Certificate } from 'node:crypto';
import { type BlobStore, type ChunkPool, SessionError, type StoredFile } from '@ovfkit/domain';
import { count } from '@ovfkit/package-format';
import {
  createHashing,
  decompressed,
  digest,
  type Hashing,
  type HashThread,
  worthAThread,
} from '@ovfkit/package-format/node';
import { backOff, type FileHosts, type HostFile, type HostUpload, isPassing, pause } from '@ovfkit/rest';
import { verified } from '../library/verified.ts';
import type { DeviceUrl } from './lease.ts';
import type { FileItem } from './ovf-manager.ts';

/** How the hosts of a lease are reached and trusted. */
export interface NfcHosts {
  readonly hosts: FileHosts;
  /** Where vSphere itself is: `*` in a device's URL. */
  readonly server: URL;
  /** The pin of vSphere itself, for its own host where the lease attests none. */
  readonly thumbprint?: string | undefined;
}

/** What uploads share besides. */
export interface NfcSending extends NfcHosts {
  /** Memory for what is on its way. */
  readonly pool: ChunkPool;
  readonly hashThread: HashThread;
}

type Sending = NfcSending & { readonly blobs: Pick<BlobStore, 'read'> };

/** Failures in a row, without a byte moved, that are put up with. */
const patience = 6;

/**
 * Where a device's bytes go to or come from. A host is trusted by what the lease says of its certificate: vSphere vouches for it.
 * @throws SessionError INTERNAL_SERVER_ERROR when the URL cannot be read
 */
export function hostFileOf(
  { server, thumbprint }: Pick<NfcHosts, 'server' | 'thumbprint'>,
  device: Pick<DeviceUrl, 'url' | 'sslThumbprint' | 'sslCertificate'>,
): Required<Pick<HostFile, 'url'>> & Pick<HostFile, 'thumbprint'> {
  const url = URL.parse(device.url);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw new SessionError('INTERNAL_SERVER_ERROR', `The lease has a URL that cannot be read: ${device.url}`);
  if (url.hostname === '*') {
    if (url.port === '') {
      url.protocol = server.protocol;
      url.port = server.port;
    }
    url.hostname = server.hostname;
  }
  const attested = attestedBy(device);
  const isServer = url.hostname === server.hostname;
  return { url, thumbprint: attested ?? (isServer ? thumbprint : undefined) };
}

/** The whole certificate says more than its SHA-1, where the server gives it. */
function attestedBy({
  sslThumbprint = '',
  sslCertificate = '',
}: Pick<DeviceUrl, 'sslThumbprint' | 'sslCertificate'>): string | undefined {
  if (sslCertificate !== '') return new X509Certificate(sslCertificate).fingerprint256;
  return sslThumbprint === '' ? undefined : sslThumbprint;
}

/** A file of a package on its way into a device. */
export interface NfcUpload {
  readonly device: DeviceUrl;
  readonly item: FileItem;
  readonly file: StoredFile;
}

interface Watch {
  /** Bytes of the file as it is kept, since the upload began last. */
  readonly onSent: (sent: number) => void;
  /** Told when the file has to begin anew: a host does not take up an upload where it broke off. */
  readonly onRestart: (reason: SessionError) => void;
  readonly signal: AbortSignal;
}

/**
 * Sends a file to its device: a disk's bytes as the package has them, uncompressed where the package compresses files. The digest is
 * checked on the way, and a file that is not what it should be never gets there whole.
 * @throws SessionError INVALID_ARGUMENT for a wrong digest; as `FileHosts.send`; the signal's reason
 */
export async function sendToDevice(
  sending: Sending,
  { device, item, file, onSent, onRestart, signal }: NfcUpload & Watch,
): Promise<void> {
  const target = hostFileOf(sending, device);
  const isGzip = file.compression === 'gzip';
  // the host wants to know the length beforehand, and gzip does not tell it
  const size = isGzip ? await sizeOf(inflated(sending.blobs.read(file.blob), file)) : file.size;
  let most = 0;
  for (let failures = 0; ; ) {
    let sent = 0;
    const onPassed = (passed: number): void => {
      sent += passed;
      onSent(sent);
    };
    try {
      const source = isGzip ? inflatedSource(sending, { file, onPassed }) : plainSource(sending, { file, onPassed });
      return await sending.hosts.send({ ...target, ...methodOf(item), ...source, size, signal });
    } catch (error) {
      if (!isPassing(error) || failures === patience) throw error;
      failures = sent > most ? 0 : failures + 1;
      most = Math.max(most, sent);
      onRestart(error);
      await pause(backOff(failures), signal);
    }
  }
}

interface Passing {
  readonly file: StoredFile;
  /** Told for each chunk of the file as it is kept. */
  readonly onPassed: (size: number) => void;
}

type Source = Pick<HostUpload, 'bytes' | 'release'>;

/** Whoever inflates holds on to what it was given: it gets memory of its own. */
function inflatedSource({ blobs }: Sending, { file, onPassed }: Passing): Source {
  const checked = verified(blobs.read(file.blob), { ...file, hashing: createHashing() });
  return { bytes: inflated(count(checked, onPassed), file) };
}

/** Bytes in memory that comes back when they are both sent and hashed, which a thread does beside. */
function plainSource(sending: Sending, { file, onPassed }: Passing): Source {
  const { blobs, pool } = sending;
  const hashing = hashingOf(sending, file);
  const hashed = new WeakMap<Uint8Array, Promise<void>>();
  const update = (chunk: Uint8Array): Promise<void> => {
    const isHashed = hashing.update(chunk);
    hashed.set(chunk, isHashed);
    return isHashed;
  };
  const checked = verified(blobs.read(file.blob, undefined, pool), { ...file, hashing: { ...hashing, update } });
  return {
    bytes: count(checked, onPassed),
    release: (chunk) => void hashed.get(chunk)?.then(() => pool.release(chunk)),
  };
}

/** A thread that dies takes its digests along: the file is read again then. */
function hashingOf({ hashThread, blobs }: Sending, { blob, size }: StoredFile): Hashing {
  if (size < worthAThread) return createHashing();
  const hashing = hashThread.createHashing([]);
  const again = async () => new Map([['SHA256', await digest(blobs.read(blob), 'SHA256')] as const]);
  return { ...hashing, digests: () => hashing.digests().catch(again) };
}

const inflated = (bytes: AsyncIterable<Uint8Array>, { name }: StoredFile): AsyncIterable<Uint8Array> =>
  decompressed(bytes, { wrapping: 'gzip', file: name });

/** A disk is there and is filled; everything else is a file that is made. */
function methodOf({ create }: FileItem): { readonly method: 'PUT' | 'POST'; readonly headers: Record<string, string> } {
  return create === true
    ? { method: 'PUT', headers: { overwrite: 't', 'content-type': 'application/octet-stream' } }
    : { method: 'POST', headers: { 'content-type': 'application/x-vnd.vmware-streamVmdk' } };
}

async function sizeOf(bytes: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0;
  for await (const chunk of bytes) size += chunk.length;
  return size;
}
