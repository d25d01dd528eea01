import type { Config } from '../config.ts';
import { CliError } from '../errors.ts';

/** OVF Tool's form of a target, `vi://user@host/DC/…`. */
export const isLocator = (text: string): boolean => /^vi:\/\//i.test(text);

/** The target that was named by an option, else that of GOVC_URL. @throws CliError when neither says one */
export function targetWord(
  named: string | undefined,
  { config, flag }: { readonly config: Config; readonly flag: string },
): string {
  const word = named ?? config.govc?.url;
  if (word !== undefined) return word;
  throw new CliError('usage', `Say which target, with ${flag}`, {
    hint: 'Give the name of a target or its URL; GOVC_URL may name one as well.',
  });
}
