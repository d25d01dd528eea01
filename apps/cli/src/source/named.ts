import { PackageError } from '@ovfkit/package-format';

/**
 * Awaits `work` on the package called `name`. An error that says no file, or a member without a place in it, is one of the
 * package as a whole: it gets its name, for a person may have given many.
 */
export async function named<Result>(name: string, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (cause) {
    if (!(cause instanceof PackageError)) throw cause;
    const { code, message, file, offset, line } = cause;
    const isOfMember = file !== undefined && (line !== undefined || !message.includes(file));
    if (isOfMember || file === name) throw cause;
    throw new PackageError(code, message, { file: name, offset, cause });
  }
}
