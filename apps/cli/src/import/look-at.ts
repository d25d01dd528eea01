import { type Descriptor, type PackageReader, readAll, readDescriptor } from '@ovfkit/package-format';
import { maxTextSize, openPackage } from '@ovfkit/package-format/node';
import type { ArchiveStream } from '@ovfkit/transfer';
import { contentFingerprintOf, fingerprintOf } from '../journal/identity.ts';
import { nameInPackage } from './existing.ts';
import { type ImportOptions, sourceKindOf } from './import-options.ts';
import { openPassing } from './passing-archive.ts';

/** What a package says about itself that this machine has or is given; nothing is known of others. */
export interface Looked {
  readonly fingerprint: string;
  readonly name?: string | undefined;
  readonly descriptor?: Descriptor | undefined;
  /** What standard input gives: its beginning was read. */
  readonly archive?: ArchiveStream | undefined;
}

/** Reads the descriptor of a package that is here. One that cannot be read is told before a password is asked for. @throws PackageError */
export async function lookAt({ source, lax }: ImportOptions): Promise<Looked> {
  const kind = sourceKindOf(source);
  if (kind === 'stdin') {
    const archive = await openPassing(process.stdin, 'stdin');
    const { beginning } = archive;
    return { ...(await readIn(beginning, lax)), fingerprint: await contentFingerprintOf(beginning), archive };
  }
  if (kind !== 'local') return { fingerprint: '' };
  const reader = await openPackage(source);
  try {
    return { ...(await readIn(reader, lax)), fingerprint: await fingerprintOf(source, reader) };
  } finally {
    await reader.close();
  }
}

async function readIn(reader: PackageReader, lax: true | undefined): Promise<Pick<Looked, 'name' | 'descriptor'>> {
  const file = reader.descriptorName;
  const descriptor = readDescriptor(await readAll(reader.read(file), maxTextSize), { file, lax });
  return { name: nameInPackage(descriptor), descriptor };
}
