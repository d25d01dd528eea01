import { X509Certificate } from 'node:crypto';
import { type BlobStore, SessionError, type StoredFile } from '@ovfkit/domain';
import { count } from '@ovfkit/package-format';
import { decompressed } from '@ovfkit/package-format/node';
import { backOff, type FileHosts, type HostFile, isPassing, pause } from '@ovfkit/rest';
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
  { blobs, ...nfc }: NfcHosts & { readonly blobs: Pick<BlobStore, 'read'> },
  { device, item, file, onSent, onRestart, signal }: NfcUpload & Watch,
): Promise<void> {
  const target = hostFileOf(nfc, device);
  const isGzip = file.compression === 'gzip';
  const plain = (bytes: AsyncIterable<Uint8Array>) =>
    isGzip ? decompressed(bytes, { wrapping: 'gzip', file: file.name }) : bytes;
  // the host wants to know the length beforehand, and gzip does not tell it
  const size = isGzip ? await sizeOf(plain(blobs.read(file.blob))) : file.size;
  let most = 0;
  for (let failures = 0; ; ) {
    let sent = 0;
    const counted = count(verified(blobs.read(file.blob), file), (passed) => {
      sent += passed;
      onSent(sent);
    });
    try {
      return await nfc.hosts.send({ ...target, ...methodOf(item), size, bytes: plain(counted), signal });
    } catch (error) {
      if (!isPassing(error) || failures === patience) throw error;
      failures = sent > most ? 0 : failures + 1;
      most = Math.max(most, sent);
      onRestart(error);
      await pause(backOff(failures), signal);
    }
  }
}

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
