import type { PackageReader } from '@ovfkit/package-format';
import { openPackage } from '@ovfkit/package-format/node';
import type { HttpOptions } from './http-client.ts';
import { named } from './named.ts';
import { isUrl, shownPath } from './url.ts';

/** A package from anywhere. `isDescriptorOnly`: nobody can tell which files belong to it. */
export interface SourceReader extends PackageReader {
  readonly isDescriptorOnly?: boolean | undefined;
}

/**
 * Opens a package: a path, an http(s) address, or `-` for standard input, which is read to its end. The caller closes it.
 * @throws PackageError, CliError
 */
export async function openSource(path: string, options: HttpOptions): Promise<SourceReader> {
  if (path === '-') {
    const { readStreamedPackage } = await import('./stream-package.ts');
    return named('stdin', readStreamedPackage(process.stdin, 'stdin'));
  }
  if (!isUrl(path)) return named(path, openPackage(path));
  const { openHttpPackage } = await import('./http-package.ts');
  return named(shownPath(path), openHttpPackage(path, options));
}
