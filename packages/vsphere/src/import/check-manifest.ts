import { SessionError } from '@ovfkit/domain';
import type { HeldLease } from '../vim/lease.ts';
import type { NfcUpload } from '../vim/nfc-transfer.ts';

/**
 * Compares what the hosts have with the digests, where they tell it in SHA-256. What was inflated on its way has another digest there.
 * Resolves to the names of the files of which they do not tell it.
 * @throws SessionError INVALID_ARGUMENT with `data.file`, `data.expected` and `data.actual`
 */
export async function checkManifest(held: HeldLease, uploads: readonly NfcUpload[]): Promise<readonly string[]> {
  const entries = await held.manifest();
  const untold: string[] = [];
  for (const { device, file } of uploads) {
    const entry = entries.find(({ key }) => key === device.key);
    const actual = entry?.checksumType?.toLowerCase() === 'sha256' ? entry.checksum?.toLowerCase() : undefined;
    if (file.compression !== undefined || !actual) untold.push(file.name);
    else if (actual !== file.sha256)
      throw new SessionError(
        'INVALID_ARGUMENT',
        `The host received something else than ${file.name}: expected SHA256 ${file.sha256}, actual ${actual}. Look at the network and at proxies between, then import it again.`,
        { data: { file: file.name, algorithm: 'SHA256', expected: file.sha256, actual } },
      );
  }
  return untold;
}
