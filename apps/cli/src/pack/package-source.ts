import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Descriptor, PackageError, type PackageReader, readAll, readDescriptor } from '@ovfkit/package-format';
import { maxTextSize, openSpooled } from '@ovfkit/package-format/node';
import type { Report } from '../output/report.ts';
import { openSource } from '../source/open-source.ts';

/** A package that is read more than once, with its descriptor read. */
export interface PackageSource {
  readonly reader: PackageReader;
  readonly descriptor: Descriptor;
  /** Of the descriptor. */
  readonly text: Uint8Array;
  /** Where the package is; for standard input, where it is kept. */
  readonly path: string;
}

export interface SourceOptions {
  readonly path: string;
  /** Beside this, standard input is kept; `-` and undefined mean the system's folder for temporary files. */
  readonly output?: string | undefined;
  readonly lax?: boolean | undefined;
  readonly ca?: string | undefined;
  readonly report: Report;
  readonly signal: AbortSignal;
}

interface OpenedReader {
  readonly reader: PackageReader;
  readonly path: string;
  close(): Promise<void>;
}

/** What a package is changed by stands in front of it, and is known only when all of it was seen: so a stream is kept. */
async function openKept({ output, report, signal }: SourceOptions): Promise<OpenedReader> {
  const isBeside = output !== undefined && output !== '-';
  const folder = isBeside ? undefined : await mkdtemp(join(tmpdir(), 'ovfkit-'));
  const place = folder === undefined ? `${output?.replace(/[/\\]+$/, '')}.stdin` : join(folder, 'stdin');
  const removeFolder = async (): Promise<void> => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  };
  report.event({
    type: 'information',
    message: `Standard input is kept in ${isBeside ? `${place}.part` : 'a temporary file'}: this has to read it twice`,
  });
  try {
    const reader = await openSpooled(process.stdin, { path: place, signal });
    const close = async (): Promise<void> => {
      await reader.close();
      await removeFolder();
    };
    return { reader, path: reader.path, close };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

async function openReader(options: SourceOptions): Promise<OpenedReader> {
  if (options.path === '-') return openKept(options);
  const reader = await openSource(options.path, { signal: options.signal, ca: options.ca });
  return { reader, path: options.path, close: () => reader.close() };
}

/** Opens a package, from standard input as well, for `work`, and closes it afterwards. */
export async function withSource<Result>(
  options: SourceOptions,
  work: (source: PackageSource) => Promise<Result>,
): Promise<Result> {
  const { reader, path, close } = await openReader(options);
  try {
    const text = await readAll(reader.read(reader.descriptorName), maxTextSize);
    const descriptor = readDescriptor(text, { file: reader.descriptorName, lax: options.lax });
    return await work({ reader, descriptor, text, path });
  } finally {
    await close();
  }
}

/** @throws PackageError with the first fault, when the descriptor has any */
export function refuseFaults({ descriptor }: Pick<PackageSource, 'descriptor'>): void {
  const errors = descriptor.findings.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first === undefined) return;
  const more = errors.length === 1 ? '' : ` (and ${errors.length - 1} more)`;
  const { file, line, column } = first;
  throw new PackageError('DESCRIPTOR_INVALID', `${first.message}${more}`, { file, line, column });
}
