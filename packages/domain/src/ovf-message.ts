import { z } from 'zod';
import { StandardError } from './errors.ts';
import { LocalizableMessage } from './localizable-message.ts';
import { Long, openEnum, structure } from './structure.ts';

export const OvfMessageCategory = z.enum(['VALIDATION', 'INPUT', 'SERVER']);
export type OvfMessageCategory = z.infer<typeof OvfMessageCategory>;

export const ParseIssueCategory = z.enum([
  'VALUE_ILLEGAL',
  'ATTRIBUTE_REQUIRED',
  'ATTRIBUTE_ILLEGAL',
  'ELEMENT_REQUIRED',
  'ELEMENT_ILLEGAL',
  'ELEMENT_UNKNOWN',
  'SECTION_UNKNOWN',
  'SECTION_RESTRICTION',
  'PARSE_ERROR',
  'GENERATE_ERROR',
  'VALIDATION_ERROR',
  'EXPORT_ERROR',
  'INTERNAL_ERROR',
]);
export type ParseIssueCategory = z.infer<typeof ParseIssueCategory>;

/** One fault in a descriptor, manifest or certificate. Line and column count from 1; -1 where they do not apply. */
export const ParseIssue = structure({
  category: openEnum(ParseIssueCategory),
  file: z.string(),
  lineNumber: Long,
  columnNumber: Long,
  message: LocalizableMessage,
});
export type ParseIssue = z.infer<typeof ParseIssue>;

/** The common shape of errors and warnings; `category` says which fields are set (contract, section 7.11). */
export const OvfMessage = structure({
  category: openEnum(OvfMessageCategory),
  /** With `VALIDATION`. */
  issues: z.exactOptional(z.array(ParseIssue)),
  /** With `INPUT`: the parameter, the value given, and what is wrong with it. */
  name: z.exactOptional(z.string()),
  value: z.exactOptional(z.string()),
  message: z.exactOptional(LocalizableMessage),
  /** With `SERVER`. */
  error: z.exactOptional(StandardError),
});
export type OvfMessage = z.infer<typeof OvfMessage>;

/** Prevents the operation from going on. */
export const OvfError = OvfMessage;
export type OvfError = OvfMessage;
/** Does not prevent it. */
export const OvfWarning = OvfMessage;
export type OvfWarning = OvfMessage;

export const OvfInfo = structure({ messages: z.array(LocalizableMessage) });
export type OvfInfo = z.infer<typeof OvfInfo>;

/** Result of an operation that can fail in parts. */
export const ResultInfo = structure({
  errors: z.array(OvfError),
  warnings: z.array(OvfWarning),
  information: z.array(OvfInfo),
});
export type ResultInfo = z.infer<typeof ResultInfo>;
