/** Whether a word is OVF Tool's form of a target, `vi://user@host/DC/…`, which has a path. */
export const isLocator = (word: string): boolean => /^vi:\/\//i.test(word);
