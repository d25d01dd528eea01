import { z } from 'zod';
import { entries, Long, openEnum, structure } from './structure.ts';

export const DateTimeFormat = z.enum([
  'SHORT_DATE',
  'MED_DATE',
  'LONG_DATE',
  'FULL_DATE',
  'SHORT_TIME',
  'MED_TIME',
  'LONG_TIME',
  'FULL_TIME',
  'SHORT_DATE_TIME',
  'MED_DATE_TIME',
  'LONG_DATE_TIME',
  'FULL_DATE_TIME',
]);
export type DateTimeFormat = z.infer<typeof DateTimeFormat>;

/** One named argument; exactly one of `s`, `dt`, `i`, `d`, `l` is set (contract, section 7.11). */
export const LocalizationParam = structure({
  s: z.exactOptional(z.string()),
  dt: z.exactOptional(z.string()),
  i: z.exactOptional(Long),
  d: z.exactOptional(z.number()),
  get l() {
    return z.exactOptional(NestedLocalizableMessage);
  },
  format: z.exactOptional(openEnum(DateTimeFormat)),
  precision: z.exactOptional(Long),
});
export type LocalizationParam = z.infer<typeof LocalizationParam>;

export const NestedLocalizableMessage = structure({
  id: z.string(),
  get params() {
    return z.exactOptional(entries(LocalizationParam));
  },
});
export type NestedLocalizableMessage = z.infer<typeof NestedLocalizableMessage>;

/** A message with its key, its English text with the arguments filled in, and the arguments. */
export const LocalizableMessage = structure({
  id: z.string(),
  defaultMessage: z.string(),
  args: z.array(z.string()),
  params: z.exactOptional(entries(LocalizationParam)),
  localized: z.exactOptional(z.string()),
});
export type LocalizableMessage = z.infer<typeof LocalizableMessage>;

/** A message in English; `{0}`, `{1}` in `text` stand for the arguments. */
export function message(id: string, text: string, ...args: readonly string[]): LocalizableMessage {
  const defaultMessage = text.replaceAll(/\{(\d+)\}/g, (whole, index) => args[Number(index)] ?? whole);
  return { id, defaultMessage, args: [...args] };
}
