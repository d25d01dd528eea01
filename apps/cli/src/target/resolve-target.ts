import { readFile } from 'node:fs/promises';
import type { Config } from '../config.ts';
import { CliError } from '../errors.ts';
import { didYouMean } from '../suggest.ts';
import type { PlaceDefaults } from './govc.ts';
import { govcThumbprint } from './govc-trust.ts';
import { isLocator } from './locator.ts';
import { type NamedTarget, openTargetStore } from './target-file.ts';

/** What the flags say about a target. */
export interface TargetOptions {
  readonly user?: string | undefined;
  readonly thumbprint?: string | undefined;
  readonly ca?: string | undefined;
}

/** Where to go and as whom. */
export interface Target {
  /** As given: a name, or the URL without user and password. */
  readonly label: string;
  /** Scheme, host and port. */
  readonly url: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly thumbprint: string | undefined;
  /** PEM. */
  readonly ca: string | undefined;
  /** What a `vi://` locator says after the host, by segments: `DC`, `host`, `cluster`; empty for none. */
  readonly path: readonly string[];
  /** Where things go there when a command does not say. */
  readonly places: PlaceDefaults;
}

const thumbprintForm = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i;

/** @throws CliError when it is neither SHA-1 nor SHA-256 in hex */
export function checkThumbprint(text: string | undefined): string | undefined {
  if (text === undefined || thumbprintForm.test(text.replaceAll(':', ''))) return text;
  throw new CliError('usage', `${JSON.stringify(text)} is not a thumbprint`, {
    hint: 'A thumbprint is 40 (SHA-1) or 64 (SHA-256) hexadecimal digits, with or without colons.',
  });
}

async function readCa(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new CliError('usage', `The certificate authority ${path} cannot be read`, { cause });
  });
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    throw new CliError('usage', `${path} holds no PEM certificate`, { hint: 'Give the CA as a PEM file.' });
  return text;
}

/** `https://user:secret@host:8443/`, `vi://user@host/DC/host/cluster`: only OVF Tool's form has a path. */
function parseUrl(text: string): { readonly url: URL; readonly path: readonly string[] } {
  const url = URL.parse(text.replace(/^vi:/i, 'https:'));
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new CliError('usage', `${JSON.stringify(text)} is not a URL of a target`, {
      hint: 'Give https://user@host, or the name of a target; ovfkit target list shows them.',
    });
  const path = url.pathname.split('/').filter((segment) => segment !== '');
  if (path.length > 0 && !isLocator(text))
    throw new CliError('usage', `The path ${url.pathname} does not belong to a target`, {
      hint: 'Give only scheme, user, host and port; say where to deploy with --pool, --folder, --host, --datastore.',
    });
  return { url, path: path.map(decodedSegment) };
}

function decodedSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

async function fromUrl(text: string, { config, options }: Given): Promise<Target> {
  const { url, path } = parseUrl(text);
  // arguments are visible to every user of the machine; this hides what is left of them
  if (url.password !== '') process.title = 'ovfkit';
  const ownPassword = url.password === '' ? undefined : decodeURIComponent(url.password);
  const ownUser = url.username === '' ? undefined : decodeURIComponent(url.username);
  const govc = config.govc?.url === url.origin ? config.govc : undefined;
  const isTrustSaid = options.thumbprint !== undefined || options.ca !== undefined;
  const seen = govc === undefined || isTrustSaid ? undefined : await govcThumbprint(govc);
  return {
    label: url.origin,
    url: url.origin,
    user: options.user ?? ownUser ?? config.user ?? govc?.user,
    password: ownPassword ?? config.password ?? govc?.password,
    thumbprint: checkThumbprint(options.thumbprint ?? seen),
    ca: await readCa(options.ca),
    path,
    places: govc?.places ?? {},
  };
}

async function fromName(
  name: string,
  { config, options, target }: Given & { readonly target: NamedTarget },
): Promise<Target> {
  const password = config.passwordOf(name) ?? config.password ?? (await openTargetStore(config.folder).password(name));
  const ca = options.ca ?? (options.thumbprint === undefined ? target.ca : undefined);
  return {
    label: name,
    url: new URL(target.url).origin,
    user: options.user ?? config.user ?? target.user,
    password,
    thumbprint: checkThumbprint(options.thumbprint ?? (options.ca === undefined ? target.thumbprint : undefined)),
    ca: await readCa(ca),
    path: [],
    places: {},
  };
}

interface Given {
  readonly config: Config;
  readonly options: TargetOptions;
}

/**
 * The target a word means: a stored name, a URL, or a host name.
 * @throws CliError when it is none, or something it needs cannot be read
 */
export async function resolveTarget(word: string, given: Given): Promise<Target> {
  if (word.includes('://')) return fromUrl(word, given);
  const targets = await openTargetStore(given.config.folder).list();
  const target = targets.get(word);
  if (target !== undefined) return fromName(word, { ...given, target });
  if (/[.:@]/.test(word) || word === 'localhost') return fromUrl(`https://${word}`, given);
  const names = [...targets.keys()];
  throw new CliError('usage', `There is no target ${JSON.stringify(word)}`, {
    details: names.length === 0 ? [] : [`known: ${names.join(', ')}`],
    hint: didYouMean(word, names) ?? `Add it with: ovfkit target add ${word} https://HOST --user USER`,
  });
}

/** @throws CliError when user or password are missing */
export function credentialsOf({ label, user, password }: Target): { readonly user: string; readonly password: string } {
  if (user === undefined)
    throw new CliError('usage', `No user is known for ${label}`, {
      hint: 'Give --user, write it into the URL (https://user@host), or set OVFKIT_USER.',
    });
  if (password === undefined)
    throw new CliError('usage', `No password is known for ${user} at ${label}`, {
      hint: 'Set OVFKIT_PASSWORD, or store it with: ovfkit target add NAME URL --user USER --password-stdin',
    });
  return { user, password };
}
