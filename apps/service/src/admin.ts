import { randomBytes } from 'node:crypto';
import type { UserTable } from '@ovfkit/store-local';

const name = 'admin';

/**
 * Sees to it that the user `admin` exists. A given password is set at every start, unless it is the one that is set: what
 * is logged in with that goes on. Otherwise the first start makes one, and resolves to it: it is kept nowhere else.
 */
export async function prepareAdmin(users: UserTable, given: string | undefined): Promise<string | undefined> {
  if (given !== undefined && given !== '') {
    const known = await users.verify(name, given);
    if (known?.role !== 'admin') await users.put({ name, role: 'admin', password: given });
    return undefined;
  }
  const known = await users.list();
  if (known.some((user) => user.role === 'admin')) return undefined;
  const password = randomBytes(18).toString('base64url');
  await users.put({ name, role: 'admin', password });
  return password;
}
