/** One law of a port: a sentence that could be false, and the check of it. Any test runner can run it. */
export interface Case<Subject> {
  readonly name: string;
  /**
   * Rejects when the law is broken. `make` gives a subject to try it on; a store must come empty, a backend need not.
   * A case cleans up what it made in a backend; it closes nothing.
   */
  run(make: () => Promise<Subject>): Promise<void>;
}
