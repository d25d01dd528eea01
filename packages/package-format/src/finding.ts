import { findingHints } from './finding-hints.ts';
import type { XmlPosition } from './xml-tree.ts';

/** How much a finding matters: an `error` makes the package unusable as it is. */
export type FindingSeverity = 'error' | 'warning' | 'info';

/** The categories of the session API's parse issues, spelled as on the wire. */
export type FindingCategory =
  | 'VALUE_ILLEGAL'
  | 'ATTRIBUTE_REQUIRED'
  | 'ATTRIBUTE_ILLEGAL'
  | 'ELEMENT_REQUIRED'
  | 'ELEMENT_ILLEGAL'
  | 'ELEMENT_UNKNOWN'
  | 'SECTION_UNKNOWN'
  | 'SECTION_RESTRICTION'
  | 'PARSE_ERROR';

interface Rule {
  readonly category: FindingCategory;
  readonly severity: FindingSeverity;
  /** What it is when the reader was asked to be lax; the same when absent. */
  readonly lax?: FindingSeverity;
}

/** Every kind of finding, with its category and severity. */
export const findingRules = {
  BOUND_DUPLICATE: { category: 'ELEMENT_ILLEGAL', severity: 'error' },
  BUNDLE_FILE_UNKNOWN: { category: 'VALUE_ILLEGAL', severity: 'warning' },
  CONFIGURATION_AMBIGUOUS: { category: 'ELEMENT_ILLEGAL', severity: 'warning' },
  CONFIGURATION_UNKNOWN: { category: 'VALUE_ILLEGAL', severity: 'warning' },
  CONTENT_MISSING: { category: 'ELEMENT_REQUIRED', severity: 'error' },
  CONTENT_MULTIPLE: { category: 'ELEMENT_ILLEGAL', severity: 'error' },
  CPU_MISSING: { category: 'ELEMENT_REQUIRED', severity: 'warning' },
  DIALECT: { category: 'PARSE_ERROR', severity: 'warning' },
  DISK_CAPACITY_MISSING: { category: 'ATTRIBUTE_REQUIRED', severity: 'error', lax: 'warning' },
  DISK_CAPACITY_PROPERTY_UNKNOWN: { category: 'VALUE_ILLEGAL', severity: 'error' },
  DISK_FILE_UNKNOWN: { category: 'VALUE_ILLEGAL', severity: 'error' },
  DISK_ID_DUPLICATE: { category: 'VALUE_ILLEGAL', severity: 'error' },
  DISK_ID_MISSING: { category: 'ATTRIBUTE_REQUIRED', severity: 'error' },
  DISK_PARENT_CIRCULAR: { category: 'VALUE_ILLEGAL', severity: 'error' },
  DISK_PARENT_UNKNOWN: { category: 'VALUE_ILLEGAL', severity: 'error' },
  DISK_POPULATED_EXCEEDS_CAPACITY: { category: 'VALUE_ILLEGAL', severity: 'error', lax: 'warning' },
  ELEMENT_UNKNOWN: { category: 'ELEMENT_UNKNOWN', severity: 'warning' },
  ELEMENT_UNKNOWN_REQUIRED: { category: 'ELEMENT_UNKNOWN', severity: 'error' },
  ENCODING_FALSE: { category: 'PARSE_ERROR', severity: 'warning' },
  FILE_HREF_DUPLICATE: { category: 'VALUE_ILLEGAL', severity: 'error', lax: 'warning' },
  FILE_HREF_MISSING: { category: 'ATTRIBUTE_REQUIRED', severity: 'error' },
  FILE_HREF_OUTSIDE: { category: 'VALUE_ILLEGAL', severity: 'warning' },
  FILE_ID_DUPLICATE: { category: 'VALUE_ILLEGAL', severity: 'error' },
  FILE_ID_MISSING: { category: 'ATTRIBUTE_REQUIRED', severity: 'error' },
  FILE_UNKNOWN: { category: 'VALUE_ILLEGAL', severity: 'error', lax: 'warning' },
  HARDWARE_MISSING: { category: 'SECTION_RESTRICTION', severity: 'warning' },
  HARDWARE_MULTIPLE: { category: 'SECTION_RESTRICTION', severity: 'info' },
  HOST_RESOURCE_UNKNOWN: { category: 'VALUE_ILLEGAL', severity: 'error' },
  INFO_MISSING: { category: 'ELEMENT_REQUIRED', severity: 'warning' },
  INSTANCE_ID_DUPLICATE: { category: 'VALUE_ILLEGAL', severity: 'error', lax: 'warning' },
  INSTANCE_ID_MISSING: { category: 'ELEMENT_REQUIRED', severity: 'error', lax: 'warning' },
  ITEM_NAME_MISSING: { category: 'ELEMENT_REQUIRED', severity: 'warning' },
  MEMORY_MISSING: { category: 'ELEMENT_REQUIRED', severity: 'warning' },
  MEMORY_QUANTITY_MISSING: { category: 'ELEMENT_REQUIRED', severity: 'error', lax: 'warning' },
  MEMORY_UNIT_MISSING: { category: 'ELEMENT_REQUIRED', severity: 'error', lax: 'warning' },
  MESSAGE_UNKNOWN: { category: 'VALUE_ILLEGAL', severity: 'info' },
  NAMESPACE_MISSING: { category: 'PARSE_ERROR', severity: 'error', lax: 'warning' },
  NETWORK_NAME_DUPLICATE: { category: 'VALUE_ILLEGAL', severity: 'error', lax: 'warning' },
  NETWORK_NAME_MISSING: { category: 'ATTRIBUTE_REQUIRED', severity: 'error' },
  NETWORK_UNKNOWN: { category: 'VALUE_ILLEGAL', severity: 'warning' },
  NUMBER_INVALID: { category: 'VALUE_ILLEGAL', severity: 'error' },
  NUMBER_NEGATIVE: { category: 'VALUE_ILLEGAL', severity: 'warning' },
  NUMBER_OUT_OF_RANGE: { category: 'VALUE_ILLEGAL', severity: 'error' },
  OPTION_DEFAULT_DUPLICATE: { category: 'ATTRIBUTE_ILLEGAL', severity: 'error', lax: 'warning' },
  OPTION_ID_DUPLICATE: { category: 'VALUE_ILLEGAL', severity: 'error' },
  OPTION_ID_MISSING: { category: 'ATTRIBUTE_REQUIRED', severity: 'error' },
  OPTIONS_INFO_MISSING: { category: 'ELEMENT_REQUIRED', severity: 'error', lax: 'warning' },
  PARENT_NOT_CONTROLLER: { category: 'VALUE_ILLEGAL', severity: 'error', lax: 'warning' },
  PARENT_UNKNOWN: { category: 'VALUE_ILLEGAL', severity: 'warning' },
  PLACEMENT_GROUP_DUPLICATE: { category: 'VALUE_ILLEGAL', severity: 'error', lax: 'warning' },
  PLACEMENT_GROUP_UNKNOWN: { category: 'VALUE_ILLEGAL', severity: 'error', lax: 'warning' },
  PREFIX_UNDECLARED: { category: 'PARSE_ERROR', severity: 'error', lax: 'warning' },
  PRODUCT_DUPLICATE: { category: 'SECTION_RESTRICTION', severity: 'error', lax: 'warning' },
  PRODUCT_FILE_UNKNOWN: { category: 'VALUE_ILLEGAL', severity: 'warning' },
  PROPERTY_CONFIGURATION_UNKNOWN: { category: 'VALUE_ILLEGAL', severity: 'warning' },
  PROPERTY_KEY_DUPLICATE: { category: 'VALUE_ILLEGAL', severity: 'error', lax: 'warning' },
  PROPERTY_KEY_INVALID: { category: 'VALUE_ILLEGAL', severity: 'info' },
  PROPERTY_KEY_MISSING: { category: 'ATTRIBUTE_REQUIRED', severity: 'error' },
  PROPERTY_QUALIFIERS_INVALID: { category: 'VALUE_ILLEGAL', severity: 'info' },
  PROPERTY_REFERENCE_UNKNOWN: { category: 'VALUE_ILLEGAL', severity: 'info' },
  PROPERTY_TYPE_HISTORIC: { category: 'VALUE_ILLEGAL', severity: 'info' },
  PROPERTY_TYPE_MISSING: { category: 'ATTRIBUTE_REQUIRED', severity: 'error', lax: 'warning' },
  PROPERTY_TYPE_UNKNOWN: { category: 'VALUE_ILLEGAL', severity: 'error', lax: 'warning' },
  PROPERTY_VALUE_INVALID: { category: 'VALUE_ILLEGAL', severity: 'warning' },
  RESOURCE_TYPE_MISSING: { category: 'ELEMENT_REQUIRED', severity: 'error', lax: 'warning' },
  RESOURCE_TYPE_UNKNOWN: { category: 'VALUE_ILLEGAL', severity: 'error', lax: 'warning' },
  SCALE_OUT_INVALID: { category: 'VALUE_ILLEGAL', severity: 'warning' },
  SECTION_DUPLICATE: { category: 'SECTION_RESTRICTION', severity: 'error', lax: 'warning' },
  SECTION_KEPT: { category: 'SECTION_UNKNOWN', severity: 'info' },
  SECTION_MISPLACED: { category: 'SECTION_RESTRICTION', severity: 'warning' },
  SECTION_UNKNOWN: { category: 'SECTION_UNKNOWN', severity: 'info' },
  SECTION_UNKNOWN_REQUIRED: { category: 'SECTION_UNKNOWN', severity: 'error' },
  SECTION_VENDOR_REQUIRED: { category: 'SECTION_UNKNOWN', severity: 'warning' },
  STARTUP_SYSTEM_UNKNOWN: { category: 'VALUE_ILLEGAL', severity: 'warning' },
  SYSTEM_ID_DUPLICATE: { category: 'VALUE_ILLEGAL', severity: 'error' },
  SYSTEM_ID_MISSING: { category: 'ATTRIBUTE_REQUIRED', severity: 'error', lax: 'warning' },
  UNIT_INVALID: { category: 'VALUE_ILLEGAL', severity: 'error' },
} as const satisfies Readonly<Record<string, Rule>>;

/** The stable name of a kind of finding. */
export type FindingCode = keyof typeof findingRules;

/** What to do about each kind, as `docs/findings.md` says it. */
const hints: Readonly<Record<FindingCode, string>> = findingHints;

/** One thing that is wrong or odd in a descriptor. `line` and `column` count from 1. */
export interface Finding {
  readonly severity: FindingSeverity;
  readonly code: FindingCode;
  readonly category: FindingCategory;
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** What to do about it. */
  readonly hint?: string | undefined;
}

/** Takes one finding; severity and category follow from the code. */
export type Report = (
  code: FindingCode,
  message: string,
  place: { readonly position: XmlPosition; readonly hint?: string | undefined },
) => void;

/** A list of findings and the function that adds to it. */
export function createReport({ file, severity }: { readonly file: string; readonly severity: 'strict' | 'lax' }): {
  readonly findings: readonly Finding[];
  readonly report: Report;
} {
  const findings: Finding[] = [];
  const report: Report = (code, message, { position, hint }) => {
    const rule: Rule = findingRules[code];
    findings.push({
      severity: severity === 'lax' ? (rule.lax ?? rule.severity) : rule.severity,
      code,
      category: rule.category,
      message,
      file,
      line: position.line,
      column: position.column,
      hint: hint ?? hints[code],
    });
  };
  return { findings, report };
}
