import { resolve } from 'node:path';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { table } from '../output/table.ts';
import { didYouMean } from '../suggest.ts';
import { checkThumbprint, type TargetOptions } from '../target/resolve-target.ts';
import { type NamedTarget, openTargetStore } from '../target/target-file.ts';

export interface AddTargetOptions extends TargetOptions {
  readonly name: string;
  readonly url: string;
  readonly passwordStdin?: true | undefined;
}

function parseTarget({ url: text, user, thumbprint, ca }: AddTargetOptions): NamedTarget {
  const url = URL.parse(text.includes('://') ? text : `https://${text}`);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new CliError('usage', 'The URL of a target is https://HOST or https://HOST:PORT');
  if (url.password !== '')
    throw new CliError('usage', 'A password in a URL would be seen by others', {
      hint: 'Leave it out and give --password-stdin.',
    });
  const name = user ?? (url.username === '' ? undefined : decodeURIComponent(url.username));
  const pin = checkThumbprint(thumbprint);
  return {
    url: url.origin,
    ...(name === undefined ? {} : { user: name }),
    ...(pin === undefined ? {} : { thumbprint: pin }),
    ...(ca === undefined ? {} : { ca: resolve(ca) }),
  };
}

/** Stores a target, and its password when one is given. */
export async function addTarget({ config, output, readInput }: Context, options: AddTargetOptions): Promise<void> {
  const { name } = options;
  if (!/^[A-Za-z0-9][\w-]*$/.test(name))
    throw new CliError('usage', `${JSON.stringify(name)} is not a name for a target`, {
      hint: 'A name is letters, digits, - and _.',
    });
  const target = parseTarget(options);
  const store = openTargetStore(config.folder);
  if (options.passwordStdin) {
    const password = (await readInput()).replace(/\r?\n$/, '');
    if (password === '') throw new CliError('usage', 'Standard input holds no password');
    await store.setPassword(name, password);
  }
  await store.put(name, target);
  output.line(`Target ${name} is ${target.url}. Try it with: ovfkit target test ${name}`);
}

/** Lists the targets; passwords are not shown, only whether there is one. */
export async function listTargets({ config, output }: Context, { json }: { json?: true | undefined }): Promise<void> {
  const store = openTargetStore(config.folder);
  const targets = await Promise.all(
    [...(await store.list())].map(async ([name, target]) => ({
      name,
      ...target,
      hasPassword: (config.passwordOf(name) ?? (await store.password(name))) !== undefined,
    })),
  );
  if (json) return output.json(targets);
  if (targets.length === 0)
    return output.line('No targets yet. Add one with: ovfkit target add NAME https://HOST --user USER');
  const rows = targets.map(({ name, url, user, thumbprint, ca, hasPassword }) => [
    name,
    url,
    user ?? '',
    thumbprint === undefined ? (ca === undefined ? 'system' : 'own CA') : 'pinned',
    hasPassword ? 'yes' : 'no',
  ]);
  const titles = ['Name', 'URL', 'User', 'Trust', 'Password'].map((title) => ({ title }));
  for (const line of table(titles, { rows, style: output.style })) output.line(line);
}

/** Forgets a target. */
export async function removeTarget({ config, output }: Context, { name }: { readonly name: string }): Promise<void> {
  const store = openTargetStore(config.folder);
  if (await store.remove(name)) return output.line(`Target ${name} is forgotten.`);
  throw new CliError('usage', `There is no target ${JSON.stringify(name)}`, {
    hint: didYouMean(name, [...(await store.list()).keys()]),
  });
}
