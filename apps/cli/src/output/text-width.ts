// What a terminal makes of a text: ideographs take two columns, marks none.

// East Asian Wide and Fullwidth (Unicode Annex 11), and what is drawn as a picture
const wide =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}/u;
const none = /[\p{Mn}\p{Me}\p{Cf}]/u;

function characterWidth(character: string): number {
  if (character <= '\u02FF') return 1;
  if (none.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

/** How many columns of a terminal `text` takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** `text` with spaces up to `width` columns. */
export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(width - widthOf(text), 0));
}

/** Where the first `width` columns of `text` end, as an index into it. */
function indexAt(text: string, width: number): number {
  let used = 0;
  let index = 0;
  for (const character of text) {
    used += characterWidth(character);
    if (used > width) return index;
    index += character.length;
  }
  return index;
}

/** `text` cut to `width` columns, with an ellipsis. */
export function cut(text: string, width: number): string {
  return widthOf(text) <= width ? text : `${text.slice(0, indexAt(text, Math.max(width - 1, 0)))}…`;
}

/** Where to break a word that is wider than `width`: behind a separator that is not far, and never before the first character. */
function breakAt(word: string, width: number): number {
  const [first = ''] = word;
  const end = Math.max(indexAt(word, width), first.length);
  const [whole = ''] = /^.*[-_./:@]/s.exec(word.slice(0, end)) ?? [];
  return whole.length > end / 2 ? whole.length : end;
}

/** Words as lines, none wider than `width`; a word that is wider is broken. */
function fill(words: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (widthOf(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (widthOf(line) > width) {
      const end = breakAt(line, width);
      lines.push(line.slice(0, end));
      line = line.slice(end);
    }
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line];
}

/** The lines of `text`, none wider than `width` columns, all indented as the text is. At least one line. */
export function wrap(text: string, width: number): readonly string[] {
  if (widthOf(text) <= width) return [text];
  const indent = /^ */.exec(text)?.[0] ?? '';
  const lines = fill(text.slice(indent.length).split(' '), Math.max(width - indent.length, 1));
  return lines.map((line) => indent + line);
}
