import {
  type DigestAlgorithm,
  editDescriptor,
  type Finding,
  type ManifestEntry,
  readDescriptor,
  siblingName,
} from '@ovfkit/package-format';
import { checkManifest, manifestEntries } from '@ovfkit/package-format/node';
import type { Context } from '../context.ts';
import type { Report } from '../output/report.ts';
import { deliver, toReport } from '../pack/deliver.ts';
import { type PackageSource, withSource } from '../pack/package-source.ts';
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

const replaced = ({ name, algorithm }: ManifestEntry): Change => ({
  code: 'DIGEST_REPLACED',
  message: `${name} did not match its ${algorithm} digest`,
});

/** Where digests that differ are noted; undefined when they are to be refused. */
function noting(found: Change[], { options }: Run): ((entry: ManifestEntry) => void) | undefined {
  return options.digests === 'refuse' ? undefined : (entry) => void found.push(replaced(entry));
}

/** Reads every file as the repair would: what differs has to be known before anything is promised. */
async function rehearse({ reader }: PackageSource, run: Run): Promise<readonly Change[]> {
  const changes: Change[] = [];
  await checkManifest(reader, {
    onMismatch: noting(changes, run),
    onProgress: toReport(run.report),
    signal: run.signal,
  });
  return changes;
}

function certificateChanges({ reader }: PackageSource): readonly Change[] {
  const name = siblingName(reader.descriptorName, '.cert');
  if (!reader.members.some((member) => member.name === name)) return [];
  return [{ code: 'SIGNATURE_DROPPED', message: `${name} signed the manifest as it was; sign again with ovfkit sign` }];
}

async function repairFrom(source: PackageSource, run: Run): Promise<Repair> {
  const { options, report, signal } = run;
  const { reader, descriptor } = source;
  const entries = await manifestEntries(reader);
  const digest = options.algorithm ?? entries[0]?.algorithm ?? 'SHA256';
  const { edits, changes, without } = await descriptorProposals(source, options.wishes);
  const all = [
    ...changes,
    ...(await archiveProposals(source.path, reader)),
    ...orderProposals(source),
    ...(await manifestProposals(source, { entries, algorithm: digest })),
  ];
  const text = edits.length === 0 ? source.text : editDescriptor(descriptor, edits);
  const { findings } = readDescriptor(text, { file: reader.descriptorName, lax: true });
  const remaining = findings.filter(({ severity }) => severity === 'error');
  const seal = (list: readonly Change[]): readonly Change[] =>
    list.length === 0 ? [] : [...list, ...certificateChanges(source)];
  const { output, overwrite } = options;
  if (output === undefined || all.length === 0) {
    const differing = await rehearse(source, run);
    const isSound = differing.length === 0 && all.length === 0;
    // what goes through a pipe is wanted at its end, changed or not
    if (output === undefined || (isSound && output !== '-'))
      return { changes: seal([...all, ...differing]), remaining };
  }
  const found: Change[] = [];
  const onMismatch = noting(found, run);
  // the descriptor is not what was listed here: of the certificate a change tells already
  const quiet: Report = { ...report, event: (event) => event.type !== 'warning' && report.event(event) };
  const made = await deliver(reader, { output, overwrite, digest, edits, without, onMismatch, report: quiet, signal });
  return { changes: seal([...all, ...found]), remaining, output, size: made.size };
}

/**
 * Repairs a package, or says what a repair would change. The bytes of disks stay as they are.
 * @throws PackageError DIGEST_MISMATCH for a digest that differs, unless it is to be replaced
 */
export async function repairPackage(
  { signal }: Pick<Context, 'signal'>,
  { options, report }: { readonly options: RepairOptions; readonly report: Report },
): Promise<Repair> {
  const { source: path, output, ca } = options;
  return withSource({ path, output, lax: true, ca, report, signal }, (source) =>
    repairFrom(source, { options, report, signal }),
  );
}
