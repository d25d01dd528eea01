import {
  type LocalizableMessage,
  message,
  type OvfError,
  type OvfInfo,
  type ParseIssue,
  type ParseIssueCategory,
  SessionError,
  toStandardError,
} from '@ovfkit/domain';
import { type Finding, PackageError, type PackageErrorCode } from '@ovfkit/package-format';

const categories: Partial<Record<PackageErrorCode, ParseIssueCategory>> = {
  DESCRIPTOR_INVALID: 'ELEMENT_ILLEGAL',
  NAME_REFUSED: 'VALUE_ILLEGAL',
  OPTION_UNKNOWN: 'VALUE_ILLEGAL',
  SIZE_MISMATCH: 'VALIDATION_ERROR',
  FILE_MISSING: 'VALIDATION_ERROR',
  VALUE_INVALID: 'VALUE_ILLEGAL',
};

/** Why a session failed, as its client sees it. An error that nobody threw on purpose is not quoted: it goes to `onError`. */
export function toOvfErrors(error: unknown, file = ''): readonly OvfError[] {
  if (error instanceof PackageError) return [validation([packageIssue(error, file)])];
  const differing = differingFile(error);
  if (error instanceof SessionError && differing !== undefined) {
    const text = message('com.ovfkit.transfer.mismatch', '{0}', error.message);
    return [validation([fileIssue(differing, text)])];
  }
  const known =
    error instanceof SessionError
      ? error
      : new SessionError('INTERNAL_SERVER_ERROR', 'The server failed at this import or export; its log says why.');
  return [{ category: 'SERVER', error: toStandardError(known) }];
}

/** The file whose bytes turned out on their way, or where they went, not to be those of their digest. */
function differingFile(error: unknown): string | undefined {
  const data = error instanceof SessionError ? error.data : undefined;
  if (typeof data !== 'object' || data === null || !('expected' in data && 'actual' in data)) return undefined;
  return 'algorithm' in data && 'file' in data && typeof data.file === 'string' ? data.file : undefined;
}

/** Whether an error says itself what is wrong. */
export const isExpected = (error: unknown): boolean => error instanceof PackageError || error instanceof SessionError;

/** One error or warning of category VALIDATION. */
export const validation = (issues: readonly ParseIssue[]): OvfError => ({
  category: 'VALIDATION',
  issues: [...issues],
});

function packageIssue(error: PackageError, file: string): ParseIssue {
  return {
    category: categories[error.code] ?? 'PARSE_ERROR',
    file: error.file ?? file,
    lineNumber: error.line ?? -1,
    columnNumber: error.column ?? -1,
    message: message(`com.ovfkit.package.${error.code.toLowerCase()}`, '{0}', error.message),
  };
}

function findingIssue(finding: Finding): ParseIssue {
  const text = finding.hint === undefined ? finding.message : `${finding.message}. ${finding.hint}`;
  return {
    category: finding.category,
    file: finding.file,
    lineNumber: finding.line,
    columnNumber: finding.column,
    message: message(`com.ovfkit.finding.${finding.code.toLowerCase()}`, '{0}', text),
  };
}

/** The findings of a descriptor as a session reports them: all errors in one, each warning and notice by itself. */
export function reportFindings(findings: readonly Finding[]): {
  readonly errors: readonly OvfError[];
  readonly warnings: readonly OvfError[];
  readonly information: readonly OvfInfo[];
} {
  const issuesOf = (severity: Finding['severity']) =>
    findings.filter((each) => each.severity === severity).map(findingIssue);
  const errors = issuesOf('error');
  return {
    errors: errors.length === 0 ? [] : [validation(errors)],
    warnings: issuesOf('warning').map((issue) => validation([issue])),
    information: issuesOf('info').map((issue) => ({ messages: [issue.message] })),
  };
}

/** A fault of a whole file: it has no line. */
export const fileIssue = (file: string, text: LocalizableMessage): ParseIssue => ({
  category: 'VALIDATION_ERROR',
  file,
  lineNumber: -1,
  columnNumber: -1,
  message: text,
});
