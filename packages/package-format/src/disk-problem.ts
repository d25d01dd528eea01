/** One thing wrong with a disk; `offset` in bytes from its start. */
export interface DiskProblem {
  /** An `error` loses data or is refused by importers; a `warning` is odd. */
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly offset: number;
}
