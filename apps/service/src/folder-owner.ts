import { stat } from 'node:fs/promises';
import { userInfo } from 'node:os';

/**
 * Makes a process of root's one of whoever owns `folder`: the service runs as them, and has to be able to write what a command
 * makes there. Nothing changes for other users, nor while the folder is not there. Resolves to the name of who called.
 * @throws Error when the system does not let it
 */
export async function actAsOwner(folder: string): Promise<string> {
  const { uid, username } = userInfo();
  const owner = uid === 0 ? await stat(folder).catch(() => undefined) : undefined;
  if (owner === undefined || owner.uid === 0) return username;
  // the user last: whoever is not root any more may not change groups
  process.setgroups?.([owner.gid]);
  process.setegid?.(owner.gid);
  process.seteuid?.(owner.uid);
  return username;
}
