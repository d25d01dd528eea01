import { concat } from './bytes.ts';
import { PackageError } from './errors.ts';
import type { Step } from './vmdk-feed.ts';
import {
  decodeMarker,
  decodeTable,
  decodeVmdkHeader,
  markerTypes,
  sectorSize,
  type VmdkHeader,
  type VmdkMarker,
} from './vmdk-header.ts';
import { createTableTracker, type Fingerprint, type NoteProblem, type TableTracker } from './vmdk-tables.ts';

/** A grain of a streamOptimized disk as it stands in the file: of the disk's `sector`, at `offset` bytes of the file. */
export interface PackedGrain {
  readonly sector: number;
  readonly offset: number;
  /** Stays valid. */
  readonly packed: Uint8Array;
  /** Bytes it has to inflate to. */
  readonly size: number;
  /** Bytes of them that lie within the disk: fewer for the last grain only, which some writers end there. */
  readonly needed: number;
}

/** Takes each grain as it passes; without it grains are skipped. */
export type OnGrain = (grain: PackedGrain) => void;

interface Listener {
  readonly error: NoteProblem;
  readonly warn: NoteProblem;
  /** The end-of-stream marker came. */
  readonly onEnd: () => void;
  readonly onGrain?: OnGrain | undefined;
  /** The tables that stood in front, by their numbers; undefined when they come among the grains. */
  readonly front?: ReadonlyMap<number, Fingerprint> | undefined;
}

/** What the steps of one disk share. */
interface Walk extends Listener {
  readonly header: VmdkHeader;
  readonly tracker: TableTracker;
  lastGrain: number;
  isUnordered: boolean;
  hasFooter: boolean;
}

/** No directory for 2 TiB is larger. */
const maxMetadataSectors = 65_536;

/** A grain's marker: for the disk's sector `value`, with `size` bytes of data, at `offset` of the file. */
interface GrainMarker {
  readonly value: number;
  readonly size: number;
  readonly offset: number;
  /** The rest of the marker's sector: the data begins there. */
  readonly start: Uint8Array;
}

function checkPlace(walk: Walk, { value, offset }: GrainMarker): void {
  const { header, tracker, error, warn } = walk;
  if (value % header.grainSectors !== 0)
    error(`A grain for sector ${value} does not start at a grain's boundary`, offset);
  if (value >= header.capacitySectors) error(`A grain for sector ${value} lies beyond the disk's end`, offset);
  else tracker.addGrain({ value, sector: offset / sectorSize });
  if (value === walk.lastGrain) error(`The grain for sector ${value} is there twice`, offset);
  else if (value < walk.lastGrain && !walk.isUnordered) {
    walk.isUnordered = true;
    warn('The grains are not in ascending order, so the disk cannot be unpacked as a stream', offset);
  }
  walk.lastGrain = value;
}

function grainStep(walk: Walk, marker: GrainMarker): Step | undefined {
  const { header, error, onGrain } = walk;
  const { value, size, offset } = marker;
  const grainSize = header.grainSectors * sectorSize;
  if (size > 2 * grainSize) {
    error(`A grain has ${size} bytes, more than twice its size unpacked`, offset);
    return undefined;
  }
  checkPlace(walk, marker);
  const rest = Math.ceil((12 + size) / sectorSize) * sectorSize - sectorSize;
  const next = markerStep(walk);
  if (onGrain === undefined) return rest === 0 ? next : { need: rest, isSkipped: true, take: () => next };
  // the marker's sector may be overwritten by the time the rest is there
  const start = marker.start.slice();
  const left = (header.capacitySectors - value) * sectorSize;
  const hand = (packed: Uint8Array): Step => {
    onGrain({ sector: value, offset, packed, size: grainSize, needed: Math.min(grainSize, left) });
    return next;
  };
  if (rest === 0) return hand(start.subarray(0, size));
  return { need: rest, take: (bytes) => hand(concat([start, bytes]).subarray(0, size)) };
}

function checkFooter({ header, tracker, error }: Walk, { bytes, offset }: { bytes: Uint8Array; offset: number }): void {
  try {
    const footer = decodeVmdkHeader(bytes);
    if (footer.capacitySectors !== header.capacitySectors)
      error(`The footer tells of ${footer.capacitySectors} sectors, the header of ${header.capacitySectors}`, offset);
    if (footer.grainSectors !== header.grainSectors || footer.entriesPerTable !== header.entriesPerTable)
      error('The footer tells of other grains than the header', offset);
    if (footer.directoryOffset === undefined) error('The footer does not say where the grain directory is', offset);
    else if (header.directoryOffset === undefined && footer.directoryOffset !== tracker.directorySector)
      error(`The footer names sector ${footer.directoryOffset} for the grain directory, where it is not`, offset);
  } catch (cause) {
    error(cause instanceof PackageError ? `The footer is damaged: ${cause.message}` : String(cause), offset);
  }
}

function metadataStep(
  walk: Walk,
  { type, value, offset }: { type: number; value: number; offset: number },
): Step | undefined {
  const { tracker, error, header } = walk;
  if (value > maxMetadataSectors || value === 0) {
    error(`A marker announces metadata of ${value} sectors`, offset);
    return undefined;
  }
  return {
    need: value * sectorSize,
    take(bytes, at) {
      const sector = at / sectorSize;
      if (type === markerTypes.grainTable) {
        if (bytes.length < header.entriesPerTable * 4) error('A grain table is too short', at);
        tracker.addTable({ sector, entries: decodeTable(bytes) });
      }
      if (type === markerTypes.grainDirectory) tracker.addDirectory({ sector, entries: decodeTable(bytes) });
      if (type === markerTypes.footer) {
        walk.hasFooter = true;
        checkFooter(walk, { bytes: bytes.subarray(0, sectorSize), offset: at });
      }
      return markerStep(walk);
    },
  };
}

/** Nothing may follow the end; digests then do not fit what other tools compute. */
function trailerStep({ warn }: Walk): Step {
  return {
    need: 1,
    take(_, offset) {
      warn('There are bytes after the end of the disk', offset);
      return undefined;
    },
  };
}

function endStep(walk: Walk, offset: number): Step {
  const { header, tracker, error, onEnd } = walk;
  if (header.directoryOffset === undefined && !walk.hasFooter) error('The disk has no footer', offset);
  if (header.directoryOffset === undefined && tracker.directorySector === undefined)
    error('The disk has no grain directory', offset);
  if (walk.front !== undefined) tracker.compareFront(walk.front, (header.directoryOffset ?? 0) * sectorSize);
  onEnd();
  return trailerStep(walk);
}

function markerStep(walk: Walk): Step {
  return {
    need: sectorSize,
    take(bytes, offset) {
      let marker: VmdkMarker;
      try {
        marker = decodeMarker(bytes);
      } catch (cause) {
        walk.error(cause instanceof PackageError ? cause.message : String(cause), offset);
        return undefined;
      }
      const { value, size, type } = marker;
      if (size > 0) return grainStep(walk, { value, size, offset, start: bytes.subarray(12) });
      if (type === markerTypes.endOfStream) return endStep(walk, offset);
      if (type <= markerTypes.footer) return metadataStep(walk, { type, value, offset });
      walk.error(`There is a marker of the unknown type ${type}`, offset);
      return undefined;
    },
  };
}

/** The step at the first marker of a streamOptimized disk. */
export function createMarkerCheck(header: VmdkHeader, listener: Listener): Step {
  const tracker = createTableTracker(header, listener.error);
  return markerStep({ ...listener, header, tracker, lastGrain: -1, isUnordered: false, hasFooter: false });
}
