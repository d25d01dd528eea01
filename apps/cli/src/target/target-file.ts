// targets.toml:
//   [targets.lab]
//   url = "https://vcenter.lab.local"
//   user = "administrator@vsphere.local"
//   thumbprint = "AB:CD:…"
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'smol-toml';
import { z } from 'zod';
import { CliError } from '../errors.ts';

export const NamedTarget = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  user: z.exactOptional(z.string().min(1)),
  thumbprint: z.exactOptional(z.string().min(1)),
  /** Path of a PEM file. */
  ca: z.exactOptional(z.string().min(1)),
});
export type NamedTarget = z.infer<typeof NamedTarget>;

const TargetFile = z.strictObject({ targets: z.record(z.string(), NamedTarget).default({}) });
const SecretFile = z.strictObject({ passwords: z.record(z.string(), z.string()).default({}) });

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

async function read<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return schema.parse({});
    throw new CliError('usage', `${path} cannot be read`, { cause: error });
  }
  try {
    return schema.parse(parse(text));
  } catch (error) {
    const why =
      error instanceof z.ZodError
        ? error.issues.map(({ path: key, message }) => `${key.join('.')}: ${message}`)
        : // the parser's message quotes the line, which may hold a secret: its first line is enough
          [error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''];
    throw new CliError('usage', `${path} is not valid`, { details: why, hint: 'Correct the file, or remove it.' });
  }
}

/** A reader never sees half a file, and a secret is never readable by others, not even for a moment. */
async function write(path: string, { content, mode }: { content: object; mode: number }): Promise<void> {
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, stringify(content), { mode });
  await rename(draft, path);
}

/** Named targets and their passwords, in a folder of two files. */
export interface TargetStore {
  list(): Promise<ReadonlyMap<string, NamedTarget>>;
  put(name: string, target: NamedTarget): Promise<void>;
  /** Resolves to whether there was one. Its password goes too. */
  remove(name: string): Promise<boolean>;
  password(name: string): Promise<string | undefined>;
  setPassword(name: string, password: string): Promise<void>;
}

/** @throws CliError when others may read it */
async function checkMode(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const mode = await stat(path).then(
    (stats) => stats.mode % 0o100,
    () => 0,
  );
  if (mode === 0) return;
  throw new CliError('usage', `${path} holds passwords and others may read it`, { hint: `Run: chmod 600 ${path}` });
}

/** The targets of a configuration folder, which is made when something is first stored. */
export function openTargetStore(folder: string): TargetStore {
  const targetPath = join(folder, 'targets.toml');
  const secretPath = join(folder, 'secrets.toml');
  const prepare = async (): Promise<void> => {
    const made = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (made !== undefined) await chmod(folder, 0o700);
  };
  const secrets = async (): Promise<Readonly<Record<string, string>>> => {
    await checkMode(secretPath);
    return (await read(secretPath, SecretFile)).passwords;
  };
  const targets = async (): Promise<Readonly<Record<string, NamedTarget>>> =>
    (await read(targetPath, TargetFile)).targets;
  const writeSecrets = (passwords: object): Promise<void> => write(secretPath, { content: { passwords }, mode: 0o600 });
  return {
    list: async () => new Map(Object.entries(await targets())),
    put: async (name, target) => {
      await prepare();
      await write(targetPath, { content: { targets: { ...(await targets()), [name]: target } }, mode: 0o644 });
    },
    remove: async (name) => {
      const { [name]: target, ...others } = await targets();
      const { [name]: password, ...passwords } = await secrets();
      if (target !== undefined) await write(targetPath, { content: { targets: others }, mode: 0o644 });
      if (password !== undefined) await writeSecrets(passwords);
      return target !== undefined;
    },
    password: async (name) => (await secrets())[name],
    setPassword: async (name, password) => {
      await prepare();
      await writeSecrets({ ...(await secrets()), [name]: password });
    },
  };
}
