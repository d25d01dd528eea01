const full = 'Make room where it is to be written, or write elsewhere; nothing was left behind.';

const hints: Readonly<Record<string, string>> = {
  EACCES: 'Check the permissions of the path.',
  EDQUOT: full,
  EEXIST: 'Choose another path: a file is in the way.',
  EFBIG: full,
  EMFILE: 'Raise the limit of open files: ulimit -n.',
  ENOSPC: full,
  ENOTDIR: 'Choose another path: a file is in the way.',
  EROFS: 'Write elsewhere: nothing can be written there.',
};

/** What to do about what the operating system refused, where that is what an error or one of its causes is about. */
export function systemHintOf(error: unknown): string | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    const hint = 'code' in each ? hints[String(each.code)] : undefined;
    if (hint !== undefined) return hint;
  }
  return undefined;
}
