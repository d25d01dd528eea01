/** What vSphere escapes in names, as paths are cut at slashes. */
const escapes: readonly (readonly [string, string])[] = [
  ['%', '%25'],
  ['/', '%2f'],
  ['\\', '%5c'],
];

/** A name as people know it: vim25 writes `R&D/web` as `R&D%2fweb`. */
export const shownName = (name: string): string =>
  name.replaceAll(
    /%(?:25|2f|5c)/gi,
    (code) => escapes.find(([, escaped]) => escaped === code.toLowerCase())?.[0] ?? code,
  );

/** A name as vim25 has it in paths: the opposite of {@link shownName}. */
export const escapedName = (name: string): string =>
  name.replaceAll(/[%/\\]/g, (character) => escapes.find(([plain]) => plain === character)?.[1] ?? character);
