/** An error as the user sees it. */
export interface Failure {
  readonly exitCode: number;
  /** Stable name: the kind or code of the error. */
  readonly code: string;
  readonly message: string;
  readonly details: readonly string[];
  readonly hint?: string | undefined;
}

/**
 * An error of another package. Domain's and package-format's are told by their names: importing the classes would load
 * zod for `inspect`.
 */
export interface ForeignError extends Error {
  readonly kind?: unknown;
  readonly code?: unknown;
  readonly file?: unknown;
  readonly line?: unknown;
  readonly column?: unknown;
  readonly data?: unknown;
}
