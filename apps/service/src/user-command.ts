import { openUserTable, Role, type UserTable } from '@ovfkit/store-local';
import { auditPath, openAuditLog } from './audit.ts';
import { ConfigError } from './config.ts';
import type { Config } from './settings.ts';

export interface UserCommand {
  /** Behind `user`: `add anna`. */
  readonly words: readonly string[];
  readonly role: string | undefined;
  readonly config: Config;
  /** Who called, for the audit. */
  readonly by: string;
  print(line: string): void;
  /** Asked only by commands that set one. */
  password(question: string): Promise<string>;
}

type Action = (users: UserTable, command: UserCommand & { readonly name: string }) => Promise<string>;

const shortestPassword = 8;

const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  [
    'add',
    async (users, command) => {
      const { name } = command;
      const role = Role.safeParse(command.role ?? 'operator');
      if (!role.success) throw new ConfigError(`--role: ${command.role} is not viewer, operator or admin`);
      if ((await users.find(name)) !== undefined)
        throw new ConfigError(`There is a user ${name} already; ovfkitd user passwd ${name} changes its password.`);
      await users.put({ name, role: role.data, password: await newPassword(command) });
      return `${name} may log in now, as ${role.data}.`;
    },
  ],
  [
    'passwd',
    async (users, command) => {
      const { name } = command;
      const known = await users.find(name);
      if (known === undefined) throw noUser(name);
      await users.put({ name, role: known.role, password: await newPassword(command) });
      return `${name} has a new password; what was logged in with the old one has ended.`;
    },
  ],
  [
    'remove',
    async (users, { name }) => {
      if ((await users.find(name)) === undefined) throw noUser(name);
      await users.remove(name);
      return `${name} is removed; its API sessions and file URLs have ended.`;
    },
  ],
]);

const noUser = (name: string): ConfigError => new ConfigError(`There is no user ${name}.`);

async function newPassword({ name, password }: UserCommand & { readonly name: string }): Promise<string> {
  const given = await password(`New password of ${name}: `);
  if (given.length < shortestPassword)
    throw new ConfigError(
      `A password has at least ${shortestPassword} characters. Give it on a terminal, on standard input or in OVFKITD_USER_PASSWORD.`,
    );
  return given;
}

/** Runs `ovfkitd user …`, whether a service has the folder or not. @throws ConfigError for a call that is wrong */
export async function runUserCommand(command: UserCommand): Promise<void> {
  const { words, config, print } = command;
  const [verb = '', name, ...rest] = words;
  const action = actions.get(verb);
  const isCorrect = verb === 'list' ? name === undefined : action !== undefined && name !== undefined;
  if (!isCorrect || rest.length > 0)
    throw new ConfigError(
      `user ${words.join(' ')}: it is user add NAME, user passwd NAME, user remove NAME or user list`,
    );
  const { users, close } = openUserTable(config.data);
  try {
    if (action === undefined || name === undefined) {
      for (const user of await users.list()) print(`${user.name}  ${user.role}`);
      return;
    }
    const done = await action(users, { ...command, name });
    const audit = openAuditLog(auditPath(config));
    audit.record({ user: command.by, operation: `user.${verb}`, target: { user: name }, outcome: 'done' });
    audit.close();
    print(done);
  } finally {
    close();
  }
}
