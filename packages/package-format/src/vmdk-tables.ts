import { sectorSize, type VmdkHeader } from './vmdk-header.ts';

/** Says that something is wrong at a byte of the disk. */
export type NoteProblem = (message: string, offset: number) => void;

/** Enough to tell two tables apart without keeping either: how many grains, and a sum weighted by their places. */
export interface Fingerprint {
  readonly count: number;
  readonly sum: number;
}

const empty: Fingerprint = { count: 0, sum: 0 };
const modulus = 2 ** 40 - 87;

/** Every product stays below 2^53: a sector has 32 bits, a weight 20. */
function withEntry({ count, sum }: Fingerprint, { index, sector }: { index: number; sector: number }): Fingerprint {
  return { count: count + 1, sum: (sum + sector * (((index + 1) * 7919) % 1_048_573)) % modulus };
}

/** The fingerprint of a grain table. 0 stands for no grain, 1 for one of zeros. */
export function fingerprintOf(entries: readonly number[]): Fingerprint {
  let fingerprint = empty;
  for (const [index, sector] of entries.entries())
    if (sector > 1) fingerprint = withEntry(fingerprint, { index, sector });
  return fingerprint;
}

/** Whether two tables are the same, as far as fingerprints tell. */
export function sameFingerprint(a: Fingerprint, b: Fingerprint): boolean {
  return a.count === b.count && a.sum === b.sum;
}

/** Compares where grains lie with what tables and the directory say, holding a few bytes per table. */
export interface TableTracker {
  /** A grain of the disk's sector `value` at `sector` of the file. */
  addGrain(grain: { readonly value: number; readonly sector: number }): void;
  addTable(table: { readonly sector: number; readonly entries: readonly number[] }): void;
  addDirectory(directory: { readonly sector: number; readonly entries: readonly number[] }): void;
  /** Compares with tables that stood in front of the grains, by their numbers. */
  compareFront(tables: ReadonlyMap<number, Fingerprint>, at: number): void;
  readonly directorySector: number | undefined;
}

/** Starts with nothing seen. */
export function createTableTracker(
  { grainSectors, entriesPerTable, capacitySectors }: VmdkHeader,
  note: NoteProblem,
): TableTracker {
  const expected = new Map<number, Fingerprint>();
  const tables = new Map<number, Fingerprint>();
  const tableCount = Math.ceil(capacitySectors / grainSectors / entriesPerTable);
  let directorySector: number | undefined;

  const compare = (index: number, { found, at }: { found: Fingerprint; at: number }) => {
    const wanted = expected.get(index) ?? empty;
    if (found.count !== wanted.count)
      note(`Grain table ${index} lists ${found.count} grains, but the disk has ${wanted.count} of them`, at);
    else if (found.sum !== wanted.sum) note(`Grain table ${index} does not say where its grains are`, at);
  };

  return {
    get directorySector() {
      return directorySector;
    },
    addGrain({ value, sector }) {
      const grain = Math.floor(value / grainSectors);
      const table = Math.floor(grain / entriesPerTable);
      expected.set(table, withEntry(expected.get(table) ?? empty, { index: grain % entriesPerTable, sector }));
    },
    addTable({ sector, entries }) {
      tables.set(sector, fingerprintOf(entries.slice(0, entriesPerTable)));
    },
    addDirectory({ sector, entries }) {
      const at = sector * sectorSize;
      directorySector = sector;
      if (entries.length < tableCount)
        note(`The grain directory has ${entries.length} entries, the disk needs ${tableCount}`, at);
      for (let index = 0; index < tableCount; index += 1) {
        const entry = entries[index] ?? 0;
        const found = entry === 0 ? empty : tables.get(entry);
        if (found === undefined) note(`The grain directory names a table at sector ${entry}, where there is none`, at);
        else compare(index, { found, at });
      }
    },
    compareFront(front, at) {
      for (const index of new Set([...expected.keys(), ...front.keys()]))
        compare(index, { found: front.get(index) ?? empty, at });
    },
  };
}
