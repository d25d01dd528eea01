import type { RandomAccess } from '@ovfkit/package-format';

/** Where an exported package is put together. Nothing is final before `commit`. */
export interface PackageSink {
  /** `ova`: one archive, given as one file of any name. `ovf`: its files, each by its name. */
  readonly kind: 'ova' | 'ovf';
  /**
   * The beginning of a file that is not final yet, as this sink has it now or an earlier one for the same place left it. Nothing when there is none
   * that may be gone on with.
   */
  left(name: string): Promise<RandomAccess | undefined>;
  /**
   * Begins a file behind the first `keep` bytes of what is `left` of it, 0 for the whole file; what came after them is gone.
   * @throws PackageError NAME_REFUSED for a name that leaves the package
   */
  open(name: string, keep: number): Promise<FileSink>;
  /**
   * Takes a whole file from where it lies on this machine, without a copy, and finishes it. False where it has to be written.
   * @throws as `open`
   */
  adopt(name: string, path: string): Promise<boolean>;
  /** Makes every finished file final, the descriptor last. */
  commit(): Promise<void>;
  /** Leaves what was written where it is, not final, for a later sink to go on with; harmless after `commit`. */
  leave(): Promise<void>;
  /** Leaves nothing behind, nor of what an earlier sink left; harmless after `commit`. */
  discard(): Promise<void>;
}

/** One file while it is written. Bytes come in order. */
export interface FileSink {
  /** Resolves when more may come. */
  write(bytes: Uint8Array): Promise<void>;
  /** Durable from here on, though not yet under its name. */
  finish(): Promise<void>;
}
