import { unwrapped } from '@ovfkit/package-format/node';
import { type ArchiveStream, openArchiveStream } from '@ovfkit/transfer';
import { CliError } from '../errors.ts';
import { peekStream } from '../source/stream-package.ts';

/** Reads the beginning of an archive that goes by once, compressed or not, as `file` in what is told of it. @throws CliError when it is a descriptor alone */
export async function openPassing(bytes: AsyncIterable<Uint8Array>, file: string): Promise<ArchiveStream> {
  const { isDescriptorOnly, all } = await peekStream(bytes);
  if (isDescriptorOnly)
    throw new CliError('usage', `${file} is a descriptor, without the files it names`, {
      hint: 'Give the path of the descriptor, or an archive (.ova).',
    });
  return openArchiveStream(unwrapped(all, { file }));
}
