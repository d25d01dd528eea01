import type { SessionFile } from '@ovfkit/domain';
import { blobKey } from '../blob-key.ts';
import type { Principal } from '../core.ts';
import { isText } from '../package-files.ts';
import type { ReceivingSession } from '../received.ts';
import { completeEntry, type Receiver } from '../receiver.ts';
import { borrowSame, type IdentifiedBytes } from '../shared-blobs.ts';

interface Known {
  readonly session: ReceivingSession;
  readonly file: SessionFile;
  readonly known: IdentifiedBytes;
  /** Who says that it knows them. */
  readonly reader: Principal;
}

/** Completes a file with bytes that are here already and that its sender may read; whether there were any. */
export async function completeKnown(receiver: Receiver, { session, file, known, reader }: Known): Promise<boolean> {
  const { core, kind } = receiver;
  const { name, fileType } = file;
  const { size, sha256 } = known;
  if (isText(fileType) && size > core.limits.textSize) return false;
  const address = { kind, id: session.id };
  const own = blobKey(address, name);
  return core.writers.hold(own, async () => {
    const blob = await borrowSame(core, { session: address, name, size, sha256, reader });
    if (blob === undefined) return false;
    await completeEntry(receiver, {
      id: session.id,
      completed: { name, size, sha256 },
      added: [{ name, fileType, blob, size, sha256, digests: new Map([['SHA256', sha256]]) }],
      isArchive: false,
    });
    core.hashes.delete(own);
    return true;
  });
}
