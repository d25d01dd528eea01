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
import { createTableTracker, type NoteProblem, type TableTracker } from './vmdk-tables.ts';

interface Listener {
  readonly error: NoteProblem;
  readonly warn: NoteProblem;
  /** The end-of-stream marker came. */
  readonly onEnd: () => void;
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

function grainStep(
  walk: Walk,
  { value, size, offset }: { value: number; size: number; offset: number },
): Step | undefined {
  const { header, tracker, error, warn } = walk;
  const grainSize = header.grainSectors * sectorSize;
  if (size > 2 * grainSize) {
    error(`A grain has ${size} bytes, more than twice its size unpacked`, offset);
    return undefined;
  }
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
  const rest = Math.ceil((12 + size) / sectorSize) * sectorSize - sectorSize;
  const next = markerStep(walk);
  return rest === 0 ? next : { need: rest, isSkipped: true, take: () => next };
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
      if (size > 0) return grainStep(walk, { value, size, offset });
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
