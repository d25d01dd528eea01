// Tables in front of the data: directory and tables twice as a rule, the redundant ones first. monolithicSparse has them,
// and streamOptimized as qemu-img and others write it.
import type { Step } from './vmdk-feed.ts';
import { decodeTable, sectorSize, type VmdkHeader } from './vmdk-header.ts';
import { type Fingerprint, fingerprintOf, type NoteProblem, sameFingerprint } from './vmdk-tables.ts';

/** Enough for 32 TiB in grains of 64 KiB. */
const maxTables = 2 ** 20;

type Copy = 'primary' | 'redundant';

/** A directory or table that has to be read: `size` bytes from `start` of the file. */
interface Wanted {
  readonly start: number;
  readonly size: number;
  readonly what: string;
  take(bytes: Uint8Array): void;
}

/** What the tables in front said. */
export interface FrontTables {
  /** The step over all of them from `position` on, after which `next` goes on. */
  begin(position: number, next: (position: number) => Step | undefined): Step | undefined;
  /** By number of the table; a table that is not there has no entry. */
  readonly primary: ReadonlyMap<number, Fingerprint>;
  /** Reports what only shows when all bytes went by: `size` bytes of the file. */
  end(size: number): void;
}

interface Walk {
  readonly header: VmdkHeader;
  readonly error: NoteProblem;
  readonly tables: Readonly<Record<Copy, Map<number, Fingerprint>>>;
  /** Ascending from `next` on. */
  wanted: readonly Wanted[];
  next: number;
  /** Where the last grain ends, in bytes, and which entry says so. */
  lastEnd: number;
  lastAt: number;
}

function checkEntries(
  walk: Walk,
  { entries, first, at }: { entries: readonly number[]; first: number; at: number },
): void {
  const { header, error } = walk;
  const { grainSectors, capacitySectors, overheadSectors, isCompressed } = header;
  const named: { readonly entry: number; readonly at: number }[] = [];
  for (const [index, entry] of entries.entries()) {
    // 1 stands for a grain of zeros
    if (entry <= 1) continue;
    const value = first + index * grainSectors;
    const place = at + index * 4;
    if (value >= capacitySectors) error('A grain table has grains beyond the end of the disk', place);
    else if (entry < overheadSectors) error(`A grain table names sector ${entry}, which is no grain`, place);
    else named.push({ entry, at: place });
    // the last grain may be cut short where the disk ends
    const end = (entry + Math.min(grainSectors, capacitySectors - value)) * sectorSize;
    if (end > walk.lastEnd && value < capacitySectors) {
      walk.lastEnd = end;
      walk.lastAt = place;
    }
  }
  const distance = isCompressed ? 1 : grainSectors;
  let last = Number.NEGATIVE_INFINITY;
  for (const { entry, at: place } of named.toSorted((a, b) => a.entry - b.entry)) {
    if (entry - last < distance) error(`Two grains are both at sector ${entry}, or overlap there`, place);
    last = entry;
  }
}

function wantTable(walk: Walk, { copy, index, sector }: { copy: Copy; index: number; sector: number }): Wanted {
  const { header, tables } = walk;
  const start = sector * sectorSize;
  return {
    start,
    size: header.entriesPerTable * 4,
    what: `The ${copy} grain table ${index} at sector ${sector}`,
    take(bytes) {
      const entries = decodeTable(bytes);
      tables[copy].set(index, fingerprintOf(entries));
      // what is wrong in both is told once, of the one that is read
      if (copy === 'primary')
        checkEntries(walk, { entries, first: index * header.entriesPerTable * header.grainSectors, at: start });
    },
  };
}

function want(walk: Walk, more: readonly Wanted[]): void {
  walk.wanted = [...walk.wanted.slice(walk.next), ...more].toSorted((a, b) => a.start - b.start);
  walk.next = 0;
}

function wantDirectory(walk: Walk, copy: Copy, offset: number): void {
  const { header, error } = walk;
  const count = Math.ceil(header.capacitySectors / header.grainSectors / header.entriesPerTable);
  const size = Math.min(count, maxTables) * 4;
  const start = offset * sectorSize;
  const at = copy === 'primary' ? 56 : 48;
  if (count > maxTables) error(`The disk needs ${count} grain tables; only ${maxTables} of them are checked`, at);
  if (start < sectorSize || start + size > header.overheadSectors * sectorSize) {
    error(`The ${copy} grain directory at sector ${offset} is not within the space kept for it`, at);
    return;
  }
  const take = (bytes: Uint8Array): void => {
    const sectors = [...decodeTable(bytes).entries()].filter(([, sector]) => sector !== 0);
    want(
      walk,
      sectors.map(([index, sector]) => wantTable(walk, { copy, index, sector })),
    );
  };
  want(walk, [{ start, size, what: `The ${copy} grain directory`, take }]);
}

/** In one go: what stands before `position` has passed already, and nothing can bring it back. */
function advance(walk: Walk, position: number, next: (position: number) => Step | undefined): Step | undefined {
  const { header, error } = walk;
  // markers follow the tables of a packed disk, and must not be taken for one
  const limit = header.isCompressed ? header.overheadSectors * sectorSize : Number.POSITIVE_INFINITY;
  for (let wanted = walk.wanted[walk.next]; wanted !== undefined; wanted = walk.wanted[walk.next]) {
    const { start, size, what, take } = wanted;
    if (start >= position && start + size <= limit) {
      const step: Step = {
        need: size,
        take(bytes) {
          walk.next += 1;
          take(bytes);
          return advance(walk, start + size, next);
        },
      };
      return start === position ? step : { need: start - position, isSkipped: true, take: () => step };
    }
    walk.next += 1;
    error(
      start < position
        ? `${what} overlaps something else, or stands before its directory`
        : `${what} is not within the space kept for tables`,
      start,
    );
  }
  return next(position);
}

function compareCopies({ header, error, tables: { primary, redundant } }: Walk): void {
  if (header.redundantOffset === undefined) return;
  for (const index of new Set([...primary.keys(), ...redundant.keys()])) {
    const [own, other] = [primary.get(index), redundant.get(index)];
    const at = header.redundantOffset * sectorSize + index * 4;
    if (own === undefined || other === undefined)
      error(`Only the ${own === undefined ? 'redundant' : 'primary'} grain directory has a table ${index}`, at);
    else if (!sameFingerprint(own, other)) error(`The redundant grain table ${index} differs from the primary one`, at);
  }
}

/** Starts a check of the tables in front; {@link FrontTables.begin} is called where the disk descriptor ends. */
export function createFrontTables(header: VmdkHeader, error: NoteProblem): FrontTables {
  const tables = { primary: new Map<number, Fingerprint>(), redundant: new Map<number, Fingerprint>() };
  const walk: Walk = { header, error, tables, wanted: [], next: 0, lastEnd: 0, lastAt: 0 };
  return {
    primary: tables.primary,
    begin(position, next) {
      wantDirectory(walk, 'primary', header.directoryOffset ?? 0);
      if (header.redundantOffset !== undefined) wantDirectory(walk, 'redundant', header.redundantOffset);
      return advance(walk, position, next);
    },
    end(size) {
      for (const { what, start } of walk.wanted.slice(walk.next)) error(`${what} is beyond the end of the file`, start);
      if (!header.isCompressed && walk.lastEnd > size)
        error(`A grain ends at ${walk.lastEnd}, beyond the end of the file`, walk.lastAt);
      compareCopies(walk);
    },
  };
}
