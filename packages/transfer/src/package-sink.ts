/** Where an exported package is put together. Nothing is final before `commit`. */
export interface PackageSink {
  /** `ova`: one archive, given as one file of any name. `ovf`: its files, each by its name. */
  readonly kind: 'ova' | 'ovf';
  /** Begins a file. @throws PackageError NAME_REFUSED for a name that leaves the package */
  open(name: string): Promise<FileSink>;
  /** Makes every finished file final, the descriptor last. */
  commit(): Promise<void>;
  /** Leaves nothing behind; harmless after `commit`. */
  discard(): Promise<void>;
}

/** One file while it is written. Bytes come in order. */
export interface FileSink {
  /** Resolves when more may come. */
  write(bytes: Uint8Array): Promise<void>;
  /** Durable from here on, though not yet under its name. */
  finish(): Promise<void>;
}
