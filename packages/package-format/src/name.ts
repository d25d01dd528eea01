import { PackageError } from './errors.ts';

// Windows would treat `C:x` as a drive and `\` as a separator, so both could leave the folder there.
const driveLetter = /^[A-Za-z]:/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const controls = /[\u0000-\u001f\u007f]/;

/** Why `name` may not be used as a path inside a package, or undefined when it may. */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name.length > 1024) return 'is longer than 1024 characters';
  if (controls.test(name)) return 'contains a control character';
  if (name.includes('\\')) return 'contains a backslash';
  if (name.startsWith('/') || driveLetter.test(name)) return 'is absolute';
  if (name.split('/').some((part) => part === '..')) return 'leaves the package';
  if (name.split('/').some((part) => part === '' || part === '.')) return 'has an empty or "." segment';
  return undefined;
}

/**
 * Lets through names that stay inside the package on every platform; sub-directories are allowed.
 * @returns the name itself
 * @throws PackageError NAME_REFUSED
 */
export function checkName(name: string): string {
  const problem = nameProblem(name);
  if (problem === undefined) return name;
  throw new PackageError('NAME_REFUSED', `The name ${JSON.stringify(name)} ${problem}`, { file: name });
}

/** The form under which two names would be one file on some file system (case, Unicode normalization). */
export function foldName(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
