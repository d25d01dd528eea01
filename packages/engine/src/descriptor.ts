import { SessionError, type SessionMember } from '@ovfkit/domain';
import {
  type Descriptor,
  type MessageBundle,
  readAll,
  readDescriptor,
  readMessageBundle,
  withBundles,
} from '@ovfkit/package-format';
import type { Core } from './core.ts';
import { checkMembers } from './package-files.ts';
import { type ReceivingKind, type ReceivingSession, receivedFiles, receivedOf } from './received.ts';

/** A descriptor with the messages of the bundles that are here, and its text. */
export interface LoadedDescriptor {
  readonly descriptor: Descriptor;
  readonly text: string;
}

/** A text file of a session, whole. @throws PackageError TOO_LARGE */
export const readText = (core: Core, file: SessionMember): Promise<Uint8Array> =>
  readAll(core.blobs.read(file.blob), core.limits.textSize);

/**
 * The descriptor of a session, parsed again from its blob: sessions keep no copy of it.
 * @throws PackageError when it cannot be read at all; faults are in `findings`
 */
export async function loadDescriptor(
  core: Core,
  { session, kind }: { readonly session: ReceivingSession; readonly kind: ReceivingKind },
): Promise<LoadedDescriptor> {
  const files = receivedFiles(session, kind);
  const file = receivedOf(files, 'OVF');
  if (file === undefined) throw new SessionError('NOT_ALLOWED_IN_CURRENT_STATE', 'The descriptor is not here yet.');
  const bytes = await readText(core, file);
  const lax = session.createSpec.importFlags?.includes('LAX') ?? false;
  const descriptor = readDescriptor(bytes, { file: file.name, lax });
  checkMembers(core, descriptor);
  return { descriptor: withBundles(descriptor, await loadBundles(core, files)), text: new TextDecoder().decode(bytes) };
}

async function loadBundles(core: Core, files: readonly SessionMember[]): Promise<ReadonlyMap<string, MessageBundle>> {
  const bundles = new Map<string, MessageBundle>();
  for (const file of files) if (file.fileType === 'MSG_BUNDLE') bundles.set(file.name, await readBundle(core, file));
  return bundles;
}

/** @throws PackageError when it is no bundle of messages */
export const readBundle = async (core: Core, file: SessionMember): Promise<MessageBundle> =>
  readMessageBundle(await readText(core, file), { file: file.name });
