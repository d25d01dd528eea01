import * as util from 'node:util'; // the namespace, for an older Node.js has no styleText and must still reach our own message

type Format = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'underline';

/** Colours a text, or leaves it as it is. */
export type Style = (format: Format, text: string) => string;

/** Styles for a stream: none when it is no terminal, or NO_COLOR is set. */
export function styleFor(stream: NodeJS.WriteStream): Style {
  return (format, text) => util.styleText(format, text, { stream });
}

/** Leaves every text as it is. */
export const plainStyle: Style = (_format, text) => text;
