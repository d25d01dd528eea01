import type { Principal } from '@ovfkit/server';
import type { StandingUser, UserTable } from '@ovfkit/store-local';

const principalOf = ({ name, role, credential }: StandingUser): Principal => ({ user: name, role, credential });

/** How the server knows users: by their password once, then by the credential that came of it. */
export const createUserCheck = (users: UserTable) => ({
  async authenticate(name: string, password: string): Promise<Principal | undefined> {
    const user = await users.verify(name, password);
    return user && principalOf(user);
  },
  isUser: async (name: string): Promise<boolean> => (await users.find(name)) !== undefined,
  async standing({ user, credential }: Principal): Promise<Principal | undefined> {
    const now = await users.find(user);
    return now?.credential === credential ? now && principalOf(now) : undefined;
  },
});
