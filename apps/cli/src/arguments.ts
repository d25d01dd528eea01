import { CliError } from './errors.ts';
import { didYouMean } from './suggest.ts';

// OVF Tool's spellings: -ds=NAME, -dm=thin, --net:A=B, --prop:K=V. Long flags of one dash cannot be declared as options.
const shortForms: readonly (readonly [RegExp, string])[] = [
  [/^-ds(?==|$)/, '--datastore'],
  [/^-dm(?==|$)/, '--disk-mode'],
];

/** The arguments with OVF Tool's spellings in our own; what follows `--` is left as it is. */
export function normalizeArguments(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--');
  const own = end === -1 ? args : args.slice(0, end);
  const normalized = own.flatMap((arg) => {
    const [, name, rest] = /^--(net|prop):(.*)$/s.exec(arg) ?? [];
    if (name !== undefined && rest !== undefined) return [`--${name}`, rest];
    return [shortForms.reduce((text, [form, option]) => text.replace(form, option), arg)];
  });
  return [...normalized, ...args.slice(own.length)];
}

/**
 * A mistyped command would be taken for a package, and what follows for one package too many.
 * @throws CliError
 */
export function checkCommand([word = '', next = '-']: readonly string[], commands: readonly string[]): void {
  if (next.startsWith('-') || !/^[a-z][a-z-]*$/.test(word) || word === 'help' || commands.includes(word)) return;
  throw new CliError('usage', `${word} is not a command`, { hint: didYouMean(word, commands) ?? 'See ovfkit --help.' });
}

/** Two sides of `A=B`; the first `=` divides. */
export interface Pair {
  readonly key: string;
  readonly value: string;
}

/** Collects a repeatable `A=B` option. @throws CliError when there is no `=` */
export function collectPair(text: string, previous: readonly Pair[] | undefined): readonly Pair[] {
  const at = text.indexOf('=');
  if (at < 1)
    throw new CliError('usage', `${JSON.stringify(text)} is not of the form NAME=VALUE`, {
      hint: 'Quote the whole argument when it has spaces, as in --net "A=VM Network".',
    });
  return [...(previous ?? []), { key: text.slice(0, at), value: text.slice(at + 1) }];
}

/** How long an address is waited for when nobody says. */
export const defaultWaitSeconds = 300;

/** A number of seconds. @throws CliError */
export function parseSeconds(text: string): number {
  if (/^[1-9][0-9]{0,5}$/.test(text)) return Number(text);
  throw new CliError('usage', `${JSON.stringify(text)} is not a number of seconds`, {
    hint: 'Give a whole number: 300.',
  });
}

/** Collects a repeatable option. */
export function collect(text: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), text];
}
