import { namesOfHref } from '@ovfkit/package-format';

interface Named {
  readonly name: string;
}

/** Which of `all` a name of a descriptor means, which may be percent-encoded there: the name as it stands comes first, then decoded. */
export function meantBy<Each extends Named>(name: string, all: readonly Each[]): Each | undefined {
  for (const own of namesOfHref(name)) {
    const found = all.find((each) => each.name === own);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The other way round: finds which of the files that a descriptor names is meant by a name outside of it. */
export function byAnyName<Each extends Named>(files: readonly Each[]): (name: string) => Each | undefined {
  const found = new Map(files.map((file) => [file.name, file]));
  for (const file of files) for (const name of namesOfHref(file.name)) if (!found.has(name)) found.set(name, file);
  return (name) => found.get(name);
}
