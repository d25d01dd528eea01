import { type ByteRange, type RandomAccess, readAll } from './bytes.ts';
import type { DiskProblem } from './disk-problem.ts';
import { decodeMarker, decodeTable, decodeVmdkHeader, sectorSize, type VmdkHeader } from './vmdk-header.ts';

const maxProblems = 100;

/** undefined when the range is not all within the file. */
async function readRange(source: RandomAccess, { start, end }: ByteRange): Promise<Uint8Array | undefined> {
  return end > source.size ? undefined : readAll(source.read({ start, end }), end - start);
}

interface Disk {
  readonly source: RandomAccess;
  readonly header: VmdkHeader;
  readonly error: (message: string, offset: number) => void;
}

/** Grains may not overlap the tables or the file's end; a packed one says for which sector it is. */
async function checkGrain(
  disk: Disk,
  { entry, value, at }: { entry: number; value: number; at: number },
): Promise<void> {
  const { source, header, error } = disk;
  const start = entry * sectorSize;
  if (entry < header.overheadSectors) return error(`A grain table names sector ${entry}, which is no grain`, at);
  if (header.isCompressed) {
    const head = await readRange(source, { start, end: start + sectorSize });
    if (head === undefined) return error(`A grain table names sector ${entry}, beyond the end of the file`, at);
    if (decodeMarker(head).value !== value)
      error(`The grain at sector ${entry} is not the one for sector ${value}`, at);
  } else if (start + header.grainSectors * sectorSize > source.size) {
    // the last grain may be cut short where the disk ends
    const left = (header.capacitySectors - value) * sectorSize;
    if (start + Math.min(left, header.grainSectors * sectorSize) > source.size)
      error(`A grain table names sector ${entry}, beyond the end of the file`, at);
  }
}

async function checkTable(disk: Disk, { sector, first }: { sector: number; first: number }): Promise<void> {
  const { source, header, error } = disk;
  const at = sector * sectorSize;
  const bytes = await readRange(source, { start: at, end: at + header.entriesPerTable * 4 });
  if (bytes === undefined) return error(`A grain table at sector ${sector} lies beyond the end of the file`, at);
  const seen = new Set<number>();
  for (const [index, entry] of decodeTable(bytes).entries()) {
    const value = first + index * header.grainSectors;
    // 1 stands for a grain of zeros
    if (entry <= 1) continue;
    if (seen.has(entry)) error(`Two grains are both at sector ${entry}`, at + index * 4);
    seen.add(entry);
    if (value >= header.capacitySectors) error('A grain table has grains beyond the end of the disk', at + index * 4);
    else await checkGrain(disk, { entry, value, at: at + index * 4 });
  }
}

/** Checks the tables of a disk that has them before its data, by seeking. Holds one table at a time. */
export async function checkSparseTables(source: RandomAccess): Promise<readonly DiskProblem[]> {
  const problems: DiskProblem[] = [];
  const error = (message: string, offset: number): void => {
    if (problems.length < maxProblems) problems.push({ severity: 'error', message, offset });
  };
  const head = await readRange(source, { start: 0, end: sectorSize });
  if (head === undefined) return problems;
  const header = decodeVmdkHeader(head);
  const span = header.grainSectors * header.entriesPerTable;
  const tableCount = Math.ceil(header.capacitySectors / span);
  const start = (header.directoryOffset ?? 0) * sectorSize;
  const isInside = start >= sectorSize && start + tableCount * 4 <= source.size;
  const directory = isInside ? await readRange(source, { start, end: start + tableCount * 4 }) : undefined;
  if (directory === undefined) {
    error(`The grain directory at sector ${header.directoryOffset ?? 0} is not within the file`, 56);
    return problems;
  }
  for (const [index, sector] of decodeTable(directory).entries()) {
    if (sector !== 0) await checkTable({ source, header, error }, { sector, first: index * span });
  }
  return problems;
}
