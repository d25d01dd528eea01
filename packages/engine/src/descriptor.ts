import { createHash } from 'node:crypto';
import { SessionError, type SessionMember } from '@ovfkit/domain';
import {
  type Descriptor,
  localizeDescriptor,
  type MessageBundle,
  readAll,
  readDescriptor,
  readMessageBundle,
  withBundles,
} from '@ovfkit/package-format';
import type { Core } from './core.ts';
import { checkMembers } from './package-files.ts';
import { type ReceivingKind, type ReceivingSession, receivedFiles, receivedOf } from './received.ts';

/** A descriptor with its texts in one language, as far as the bundles that are here have them, and its text as it came. */
export interface LoadedDescriptor {
  readonly descriptor: Descriptor;
  readonly text: string;
}

/** A text file of a session, whole. @throws PackageError TOO_LARGE */
export const readText = (core: Core, file: SessionMember): Promise<Uint8Array> =>
  readAll(core.blobs.read(file.blob), core.limits.textSize);

interface Loading {
  readonly session: ReceivingSession;
  readonly kind: ReceivingKind;
  /** Of the caller; the one that the session was made with counts more. */
  readonly locale?: string | undefined;
}

/** OVF's own default (DSP0243, clause 10): that of texts in place. */
const defaultLocale = 'en-US';

/** The descriptor with its texts in this language, where its bundles have them; US English when nobody says. */
export const localized = (descriptor: Descriptor, locale = defaultLocale): Descriptor =>
  descriptor.bundles.length === 0 ? descriptor : localizeDescriptor(descriptor, locale);

interface DescriptorBytes {
  readonly bytes: Uint8Array;
  /** Findings name it. */
  readonly file: string;
  readonly lax: boolean;
}

/** A descriptor, parsed once for as long as it is remembered. @throws PackageError when it cannot be read at all; faults are in `findings` */
export function parseOnce({ descriptors }: Core, { bytes, file, lax }: DescriptorBytes): Descriptor {
  const key = `${createHash('sha256').update(bytes).digest('hex')} ${lax} ${file}`;
  const known = descriptors.find(key);
  if (known !== undefined) return known;
  const descriptor = readDescriptor(bytes, { file, lax });
  descriptors.keep(key, descriptor, bytes.length);
  return descriptor;
}

/**
 * The descriptor of a session, by what is in its blob: sessions keep no copy of it.
 * @throws PackageError when it cannot be read at all; faults are in `findings`
 */
export async function loadDescriptor(core: Core, { session, kind, locale }: Loading): Promise<LoadedDescriptor> {
  const files = receivedFiles(session, kind);
  const file = receivedOf(files, 'OVF');
  if (file === undefined) throw new SessionError('NOT_ALLOWED_IN_CURRENT_STATE', 'The descriptor is not here yet.');
  const bytes = await readText(core, file);
  const lax = session.createSpec.importFlags?.includes('LAX') ?? false;
  const descriptor = parseOnce(core, { bytes, file: file.name, lax });
  checkMembers(core, descriptor);
  const whole = await withMessages(core, { descriptor, files });
  return {
    descriptor: localized(whole, session.createSpec.locale ?? locale),
    text: new TextDecoder().decode(bytes),
  };
}

/** The descriptor with the messages of those bundles that are among `files`. @throws PackageError when one is none */
export async function withMessages(
  core: Core,
  { descriptor, files }: { readonly descriptor: Descriptor; readonly files: readonly SessionMember[] },
): Promise<Descriptor> {
  const bundles = new Map<string, MessageBundle>();
  for (const file of files) if (file.fileType === 'MSG_BUNDLE') bundles.set(file.name, await readBundle(core, file));
  return withBundles(descriptor, bundles);
}

/** @throws PackageError when it is no bundle of messages */
export const readBundle = async (core: Core, file: SessionMember): Promise<MessageBundle> =>
  readMessageBundle(await readText(core, file), { file: file.name });
