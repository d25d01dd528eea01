import {
  type DigestAlgorithm,
  editDescriptor,
  type Finding,
  type ManifestEntry,
  readDescriptor,
  siblingName,
} from '@ovfkit/package-format';
import { digest } from '@ovfkit/package-format/node';
import type { Context } from '../context.ts';
import type { Report } from '../output/report.ts';
import { openPlanSource, writePlanned } from '../pack/make-package.ts';
import { withOutputFiles } from '../pack/output-files.ts';
import { manifestOf, type PlanSource, planFrom } from '../pack/plan.ts';
import { checkDigest } from '../pack/write-package.ts';
import { archiveProposals, manifestProposals, orderProposals } from './archive-proposals.ts';
import type { Change } from './change.ts';
import { descriptorProposals, type RepairWishes } from './descriptor-proposals.ts';

/** What to repair. */
export interface RepairOptions {
  readonly source: string;
  /** Undefined only says what would change. */
  readonly output?: string | undefined;
  readonly wishes: RepairWishes;
  readonly algorithm?: DigestAlgorithm | undefined;
  /** `refuse` takes a digest that differs for damage; `replace` takes the bytes for right. */
  readonly digests: 'refuse' | 'replace';
  readonly overwrite?: boolean | undefined;
  readonly ca?: string | undefined;
}

/** What was changed, or would be. `remaining` are faults that a program cannot mend. */
export interface Repair {
  readonly changes: readonly Change[];
  readonly remaining: readonly Finding[];
  readonly output?: string | undefined;
  readonly size?: number | undefined;
}

interface Run {
  readonly options: RepairOptions;
  readonly report: Report;
  readonly signal: AbortSignal;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

const replaced = ({ name, algorithm }: ManifestEntry): Change => ({
  code: 'DIGEST_REPLACED',
  message: `${name} did not match its ${algorithm} digest`,
});

/** The descriptor is edited before it is written, so its digest is compared here. */
async function descriptorDigest(
  { reader, text }: PlanSource,
  { digests }: RepairOptions,
  entries: readonly ManifestEntry[],
) {
  const changes: Change[] = [];
  for (const entry of entries.filter(({ name }) => name === reader.descriptorName)) {
    const actual = await digest(once(text), entry.algorithm);
    if (digests === 'refuse') checkDigest(actual, entry, text.length);
    else if (actual !== entry.digest) changes.push(replaced(entry));
  }
  return changes;
}

/** Reads every file as the repair would: what differs has to be known before anything is promised. */
async function rehearse(
  { reader }: PlanSource,
  { entries, run }: { readonly entries: readonly ManifestEntry[]; readonly run: Run },
): Promise<readonly Change[]> {
  const changes: Change[] = [];
  for (const entry of entries) {
    const member = reader.members.find(({ name }) => name === entry.name);
    if (member === undefined || member.name === reader.descriptorName) continue;
    const { name, size } = member;
    let transferred = 0;
    async function* told(): AsyncGenerator<Uint8Array, void, undefined> {
      for await (const part of reader.read(name)) {
        run.signal.throwIfAborted();
        yield part;
        transferred += part.length;
        run.report.event({ type: 'file', name, transferred, size });
      }
    }
    const actual = await digest(told(), entry.algorithm);
    if (run.options.digests === 'refuse') checkDigest(actual, entry, size);
    else if (actual !== entry.digest) changes.push(replaced(entry));
  }
  return changes;
}

function certificateChanges({ reader }: PlanSource): readonly Change[] {
  const name = siblingName(reader.descriptorName, '.cert');
  if (!reader.members.some((member) => member.name === name)) return [];
  return [{ code: 'SIGNATURE_DROPPED', message: `${name} signed the manifest as it was; sign again with ovfkit sign` }];
}

/** Writes the repaired package in one pass; digests that differ are added to the changes as they are found. */
async function write(
  source: PlanSource,
  {
    run,
    output,
    without,
    algorithm,
  }: { run: Run; output: string; without: ReadonlySet<string>; algorithm: DigestAlgorithm },
) {
  const { options, report, signal } = run;
  const found: Change[] = [];
  const onMismatch =
    options.digests === 'refuse' ? undefined : (entry: ManifestEntry) => void found.push(replaced(entry));
  const made = await withOutputFiles({ overwrite: options.overwrite, signal }, async (files) => {
    const target = { path: output, files, report };
    const planned = await planFrom(source, { storage: { form: 'keep', algorithm, without, onMismatch }, target });
    return writePlanned({ ...planned, warnings: [] }, target);
  });
  return { size: made.size, found };
}

async function repairFrom(source: PlanSource, run: Run): Promise<Repair> {
  const { options } = run;
  const entries = await manifestOf(source);
  const algorithm = options.algorithm ?? entries[0]?.algorithm ?? 'SHA256';
  const { edits, changes, without } = await descriptorProposals(source, options.wishes);
  const text = edits.length === 0 ? source.text : new TextEncoder().encode(editDescriptor(source.descriptor, edits));
  const descriptor = readDescriptor(text, { file: source.reader.descriptorName, lax: true });
  const all = [
    ...changes,
    ...(await archiveProposals(options.source, source.reader)),
    ...orderProposals(source),
    ...(await manifestProposals(source, { entries, algorithm })),
    ...(await descriptorDigest(source, options, entries)),
  ];
  const remaining = descriptor.findings.filter(({ severity }) => severity === 'error');
  const seal = (list: readonly Change[]): readonly Change[] =>
    list.length === 0 ? [] : [...list, ...certificateChanges(source)];
  const { output } = options;
  if (output === undefined || all.length === 0) {
    const differing = await rehearse(source, { entries, run });
    if (output === undefined || differing.length === 0) return { changes: seal([...all, ...differing]), remaining };
  }
  const edited: PlanSource = { reader: source.reader, descriptor, text, isEdited: true };
  const { size, found } = await write(edited, { run, output, without, algorithm });
  return { changes: seal([...all, ...found]), remaining, output, size };
}

/**
 * Repairs a package, or says what a repair would change. The bytes of disks stay as they are.
 * @throws CliError verificationFailed for a digest that differs, unless it is to be replaced
 */
export async function repairPackage(
  { signal }: Pick<Context, 'signal'>,
  { options, report }: { readonly options: RepairOptions; readonly report: Report },
): Promise<Repair> {
  const source = await openPlanSource(options.source, { signal, lax: true, ca: options.ca });
  try {
    return await repairFrom(source, { options, report, signal });
  } finally {
    await source.reader.close();
  }
}
