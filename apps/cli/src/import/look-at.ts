import { type Descriptor, readAll, readDescriptor } from '@ovfkit/package-format';
import { maxTextSize, openPackage } from '@ovfkit/package-format/node';
import { fingerprintOf } from '../journal/identity.ts';
import { nameInPackage } from './existing.ts';
import { type ImportOptions, sourceKindOf } from './import-options.ts';

/** What a local package says about itself; nothing is known of others. */
export interface Looked {
  readonly fingerprint: string;
  readonly name?: string | undefined;
  readonly descriptor?: Descriptor | undefined;
}

/** Reads the descriptor of a local package. One that cannot be read is told before a password is asked for. @throws PackageError */
export async function lookAt({ source, lax }: ImportOptions): Promise<Looked> {
  if (sourceKindOf(source) !== 'local') return { fingerprint: '' };
  const reader = await openPackage(source);
  try {
    const file = reader.descriptorName;
    const descriptor = readDescriptor(await readAll(reader.read(file), maxTextSize), { file, lax });
    return { fingerprint: await fingerprintOf(source, reader), name: nameInPackage(descriptor), descriptor };
  } finally {
    await reader.close();
  }
}
