import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type ImportPreview, SessionError } from '@ovfkit/domain';
import { PackageError, readDescriptor } from '@ovfkit/package-format';
import type { Core } from './core.ts';
import { packageFiles } from './package-files.ts';
import { reportFindings } from './problem.ts';

const inflate = promisify(gunzip);

/** What a descriptor needs, without a session. @throws SessionError INVALID_ARGUMENT when it is no descriptor at all */
export async function preview({ limits }: Core, ovfDescriptor: string): Promise<ImportPreview> {
  try {
    const descriptor = readDescriptor(await unpacked(ovfDescriptor, limits.textSize), { file: 'descriptor.ovf' });
    const files = packageFiles(descriptor).map(({ name }) => ({ name }));
    const { errors, warnings, information } = reportFindings(descriptor.findings);
    return { files, errors: [...errors], warnings: [...warnings], information: [...information] };
  } catch (cause) {
    if (!(cause instanceof PackageError)) throw cause;
    throw new SessionError('INVALID_ARGUMENT', `This is not an OVF descriptor: ${cause.message}.`, { cause });
  }
}

/** Plain text, or gzip in base64, told apart by the first character (contract, section 3.7). */
async function unpacked(text: string, maxSize: number): Promise<string | Uint8Array> {
  const trimmed = text.replace(/^\uFEFF/, '').trimStart();
  if (trimmed.startsWith('<')) return trimmed;
  const packed = Buffer.from(trimmed, 'base64');
  if (packed[0] !== 0x1f || packed[1] !== 0x8b)
    throw new SessionError('INVALID_ARGUMENT', 'The descriptor is neither XML nor gzip in base64.');
  try {
    return await inflate(packed, { maxOutputLength: maxSize });
  } catch (cause) {
    throw new SessionError('INVALID_ARGUMENT', 'The compressed descriptor cannot be unpacked.', { cause });
  }
}
