import { access, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder, without a slash at its end. */
export const root = dirname(fileURLToPath(new URL('.', import.meta.url)));

/** The folders of all packages and apps, absolute, in the order of their names. */
export async function workspaceFolders(): Promise<string[]> {
  const folders: string[] = [];
  for (const kind of ['packages', 'apps']) {
    for (const name of (await readdir(join(root, kind))).sort()) {
      const folder = join(root, kind, name);
      const isPackage = await access(join(folder, 'package.json')).then(
        () => true,
        () => false, // a folder left over by a removed package
      );
      if (isPackage) folders.push(folder);
    }
  }
  return folders;
}
