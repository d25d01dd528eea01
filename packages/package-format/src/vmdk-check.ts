import { concat, type RandomAccess } from './bytes.ts';
import { type DiskDescriptor, readDiskDescriptor } from './disk-descriptor.ts';
import type { DiskProblem } from './disk-problem.ts';
import { PackageError } from './errors.ts';
import { createFrontTables, type FrontTables } from './vmdk-check-sparse.ts';
import { createMarkerCheck, type OnGrain } from './vmdk-check-stream.ts';
import { createFeed, type Step } from './vmdk-feed.ts';
import { decodeVmdkHeader, sectorSize, type VmdkHeader } from './vmdk-header.ts';

/** What a disk is and what is wrong with it. `capacity` in bytes, when it can be told. */
export interface DiskReport {
  readonly kind: 'streamOptimized' | 'sparse' | 'descriptor' | 'unknown';
  readonly capacity?: number | undefined;
  readonly problems: readonly DiskProblem[];
}

/** A check of a disk whose bytes come once, in order. */
export interface VmdkCheck {
  /** Never throws; `bytes` are not kept. */
  push(bytes: Uint8Array): void;
  end(): DiskReport;
}

const maxProblems = 100;
const maxTextSize = 64 * 1024;
const noParent = 'ffffffff';
const latin1 = new TextDecoder('latin1');

/** State of one check, shared by its steps. */
interface Findings {
  readonly problems: DiskProblem[];
  kind: DiskReport['kind'];
  header: VmdkHeader | undefined;
  text: DiskDescriptor | undefined;
  front: FrontTables | undefined;
  isComplete: boolean;
  readonly onGrain: OnGrain | undefined;
}

/** The letters of the magic number may stand before a text, so text goes first. */
function isText(bytes: Uint8Array): boolean {
  return /# ?Disk DescriptorFile/i.test(latin1.decode(bytes));
}

function messageOf(cause: unknown): string {
  return cause instanceof PackageError ? cause.message : String(cause);
}

function noteInto({ problems }: Findings, severity: DiskProblem['severity']) {
  return (message: string, offset: number): void => {
    if (problems.length < maxProblems) problems.push({ severity, message, offset });
  };
}

function readText(findings: Findings, { bytes, offset }: { bytes: Uint8Array; offset: number }): void {
  const end = bytes.indexOf(0);
  const text = latin1.decode(end < 0 ? bytes : bytes.subarray(0, end));
  try {
    findings.text = readDiskDescriptor(text.slice(Math.max(0, text.search(/# ?Disk DescriptorFile/i))));
  } catch (cause) {
    noteInto(findings, 'error')(messageOf(cause), offset);
  }
}

/** The descriptor inside has to tell of the same disk as the header. */
function compareText({ text, header, ...findings }: Findings, error: (message: string, offset: number) => void): void {
  if (text === undefined || header === undefined) return;
  const offset = header.descriptorOffset * sectorSize;
  const sectors = text.extents.reduce((total, extent) => total + extent.sectors, 0);
  if (sectors !== header.capacitySectors)
    error(`The disk descriptor tells of ${sectors} sectors, the header of ${header.capacitySectors}`, offset);
  const wanted = findings.kind === 'streamOptimized' ? 'streamOptimized' : 'monolithicSparse';
  const parent = text.values.get('parentCID')?.toLowerCase() ?? noParent;
  if (parent !== noParent) error(`The disk is a snapshot of another, ${parent}, and not whole without it`, offset);
  if (text.createType !== wanted) error(`The disk descriptor says ${text.createType}, the header ${wanted}`, offset);
}

function headerSteps(findings: Findings, header: VmdkHeader): Step | undefined {
  const error = noteInto(findings, 'error');
  const warn = noteInto(findings, 'warning');
  findings.header = header;
  findings.kind = header.isCompressed && header.hasMarkers ? 'streamOptimized' : 'sparse';
  if (header.isUnclean) warn('The disk was not closed properly', 72);
  if (header.isDamagedAsText) error('The disk was transferred as text: its line ends are changed', 73);
  const start = header.descriptorOffset * sectorSize;
  const size = header.descriptorSectors * sectorSize;
  if (start < sectorSize || size === 0) return tableSteps(findings, { header, position: sectorSize });
  if (start + size > overheadOf(header)) {
    error('The disk descriptor lies outside the space kept for it', 28);
    return tableSteps(findings, { header, position: sectorSize });
  }
  const text: Step = {
    need: size,
    take: (bytes, offset) => {
      readText(findings, { bytes, offset });
      compareText(findings, error);
      return tableSteps(findings, { header, position: start + size });
    },
  };
  return start === sectorSize ? text : { need: start - sectorSize, isSkipped: true, take: () => text };
}

const overheadOf = ({ overheadSectors }: VmdkHeader): number => Math.max(1, overheadSectors) * sectorSize;

/** Some writers of packed disks give the place of the directory in the header although it comes at the end, as all do. */
const hasTablesInFront = (header: VmdkHeader): boolean =>
  header.directoryOffset !== undefined && header.directoryOffset * sectorSize < overheadOf(header);

/** The tables, if they stand in front, and then the data. */
function tableSteps(
  findings: Findings,
  { header, position }: { header: VmdkHeader; position: number },
): Step | undefined {
  const next = (at: number) => dataSteps(findings, { header, position: at });
  if (findings.kind === 'streamOptimized' && !hasTablesInFront(header)) return next(position);
  findings.front = createFrontTables(header, noteInto(findings, 'error'));
  return findings.front.begin(position, next);
}

function dataSteps(
  findings: Findings,
  { header, position }: { header: VmdkHeader; position: number },
): Step | undefined {
  if (findings.kind !== 'streamOptimized') {
    findings.isComplete = true;
    return undefined;
  }
  const first = createMarkerCheck(header, {
    error: noteInto(findings, 'error'),
    warn: noteInto(findings, 'warning'),
    onEnd: () => (findings.isComplete = true),
    onGrain: findings.onGrain,
    front: findings.front?.primary,
  });
  const gap = overheadOf(header) - position;
  return gap > 0 ? { need: gap, isSkipped: true, take: () => first } : first;
}

/** A text descriptor is short, and read when it is known to be all there. */
const skipRest: Step = { need: Number.MAX_SAFE_INTEGER, isSkipped: true, take: () => undefined };

function firstStep(findings: Findings): Step {
  return {
    need: sectorSize,
    take(bytes) {
      if (isText(bytes)) return skipRest;
      try {
        return headerSteps(findings, decodeVmdkHeader(bytes));
      } catch (cause) {
        noteInto(findings, 'error')(messageOf(cause), 0);
        findings.isComplete = true;
        return undefined;
      }
    },
  };
}

function finishText(findings: Findings, bytes: Uint8Array): void {
  if (!isText(bytes.subarray(0, sectorSize))) return;
  findings.kind = 'descriptor';
  readText(findings, { bytes, offset: 0 });
  findings.isComplete = true;
}

function reportOf(findings: Findings): DiskReport {
  const { kind, header, text, problems } = findings;
  const sectors = header?.capacitySectors ?? text?.extents.reduce((total, extent) => total + extent.sectors, 0);
  return {
    kind,
    capacity: sectors === undefined ? undefined : sectors * sectorSize,
    problems,
  };
}

/**
 * Starts a check of a VMDK that comes as a stream: header, disk descriptor, markers, grain tables and directory,
 * footer, end. Grains are not inflated, but given to `onGrain`. Memory does not grow but for a few bytes per 32 MiB of disk.
 */
export function createVmdkCheck({ onGrain }: { readonly onGrain?: OnGrain | undefined } = {}): VmdkCheck {
  const findings: Findings = {
    problems: [],
    kind: 'unknown',
    header: undefined,
    text: undefined,
    front: undefined,
    isComplete: false,
    onGrain,
  };
  let head: Uint8Array = new Uint8Array(0);
  const feed = createFeed(firstStep(findings));
  return {
    push(bytes) {
      // a text descriptor is parsed at the end, so its start has to be kept
      if (head.length < maxTextSize && findings.header === undefined)
        head = concat([head, bytes.subarray(0, maxTextSize - head.length)]);
      feed.push(bytes);
    },
    end() {
      if (!findings.isComplete && findings.header === undefined) finishText(findings, head);
      findings.front?.end(feed.position());
      if (!findings.isComplete) noteInto(findings, 'error')('The disk ends in the middle', feed.position());
      return reportOf(findings);
    },
  };
}

/**
 * Checks the whole structure of a VMDK, as {@link createVmdkCheck} does.
 * @throws only what `source` fails with
 */
export async function checkVmdk(source: RandomAccess): Promise<DiskReport> {
  const check = createVmdkCheck();
  for await (const part of source.read({ start: 0, end: source.size })) check.push(part);
  return check.end();
}
