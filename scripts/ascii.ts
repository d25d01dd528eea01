// Programs in ASCII: of a text with one letter beyond Latin 1, V8 keeps two bytes for each letter, as long as the program runs.

const escaped = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** The same program; letters stand in texts, templates and patterns only. @throws Error where one follows a backslash */
function toAscii(code: string): string {
  const quoted = /\\[^\0-\x7f]/.exec(code);
  if (quoted !== null) throw new Error(`An escape of it would not mean the same: ${quoted[0]}`);
  return code.replace(/[^\0-\x7f]/g, escaped);
}

/** A plugin for the bundler; the last one. */
export const ascii = {
  name: 'ascii',
  generateBundle: (_options: unknown, bundle: Record<string, { code?: string }>): void => {
    for (const chunk of Object.values(bundle)) if (chunk.code !== undefined) chunk.code = toAscii(chunk.code);
  },
};
