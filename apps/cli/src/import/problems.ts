import type { LocalizableMessage, OvfInfo, OvfMessage } from '@ovfkit/domain';
import { oneLine } from '../output/format.ts';

const textOf = ({ localized, defaultMessage }: LocalizableMessage): string => oneLine(localized ?? defaultMessage);

/** An error or a warning of a session, one text for each thing that is wrong. */
export function problemTexts({ issues, name, value, message, error }: OvfMessage): readonly string[] {
  if (issues !== undefined)
    return issues.map(({ file, lineNumber, columnNumber, message: text }) => {
      const place = lineNumber > 0 ? `${file}:${lineNumber}:${columnNumber}` : file;
      return place === '' ? textOf(text) : `${oneLine(place)}: ${textOf(text)}`;
    });
  if (error !== undefined) return [error.messages.map(textOf).join(': ')];
  const given = value === undefined || value === '' ? '' : ` (${oneLine(value)})`;
  return [
    `${name === undefined ? '' : `${oneLine(name)}${given}: `}${message === undefined ? 'no reason given' : textOf(message)}`,
  ];
}

/** What a session tells beside errors and warnings. */
export function informationTexts({ messages }: OvfInfo): readonly string[] {
  return messages.map(textOf);
}
