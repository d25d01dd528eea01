import { randomBytes } from 'node:crypto';
import { link, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SessionError } from '@ovfkit/domain';
import { makeRoot, syncFolder } from './blob-folders.ts';
import { codeOf, fromFileError } from './errors.ts';

const secretSize = 32;
const validName = /^[a-z0-9-]+$/;

/**
 * The 32 random bytes called `name`, made at the first call and the same ever after; kept in `folder` with mode 600.
 * @throws SessionError INVALID_ARGUMENT for a name of other characters than a to z, 0 to 9 and the hyphen;
 *   INTERNAL_SERVER_ERROR when the file is damaged
 */
export async function readSecret(folder: string, name: string): Promise<Uint8Array> {
  if (!validName.test(name)) throw new SessionError('INVALID_ARGUMENT', `${name} is not a name of a secret.`);
  const path = join(folder, name);
  const secret = (await readIfThere(path)) ?? (await makeSecret(folder, path));
  if (secret.length === secretSize) return secret;
  throw new SessionError('INTERNAL_SERVER_ERROR', `${path} is damaged: it has ${secret.length} bytes.`);
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw fromFileError(error, `Reading ${path}`);
  }
}

async function makeSecret(folder: string, path: string): Promise<Uint8Array> {
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    makeRoot(folder);
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(randomBytes(secretSize));
      await file.sync();
    } finally {
      await file.close();
    }
    await link(draft, path).catch(ignoreExisting); // unlike a rename it never replaces what another call just made
    await syncFolder(folder);
    return await readFile(path);
  } catch (error) {
    throw fromFileError(error, `Making ${path}`);
  } finally {
    await rm(draft, { force: true });
  }
}

function ignoreExisting(error: unknown): void {
  if (codeOf(error) !== 'EEXIST') throw error;
}
