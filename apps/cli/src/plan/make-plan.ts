import { randomUUID } from 'node:crypto';
import { findParams, nearPool, type OvfParams } from '@ovfkit/domain';
import { verifyPackage } from '@ovfkit/package-format/node';
import { exitCodes } from '../errors.ts';
import { nextSteps } from '../failure/next-steps.ts';
import { provisionalName } from '../import/existing.ts';
import { type ImportOptions, sourceKindOf } from '../import/import-options.ts';
import type { ImportScene } from '../import/import-scene.ts';
import type { Looked } from '../import/look-at.ts';
import { openToSend } from '../import/move.ts';
import { networkCandidates } from '../import/networks.ts';
import type { ChosenPlacement, LocatedPlacement } from '../import/placement.ts';
import { fullKey } from '../import/properties.ts';
import { usableDatastores } from '../import/storage.ts';
import { formatCount } from '../output/format.ts';
import type { Hop } from '../target/hops.ts';
import type { Via } from '../target/ladder.ts';
import { type Answer, askTarget } from './ask-target.ts';
import { checksOf } from './checks.ts';
import { noteJudgement } from './judgement.ts';
import { type CheckName, createNotes, type Notes, type PlanProblem } from './notes.ts';
import type { Plan, PlannedNetwork, PlannedProperty, PlannedStorage } from './plan.ts';
import { noteReach } from './reach.ts';
import { type Survey, surveyTarget } from './survey.ts';

/** What was found out. */
export interface Found {
  /** The way that an import would take. */
  readonly via: Via;
  readonly survey: Survey;
  readonly answer: Answer | undefined;
}

/** Looks at everything that an import depends on, whatever of it fails, and makes nothing. */
export async function lookAhead(
  scene: ImportScene,
  { notes, hops }: { readonly notes: Notes; readonly hops: readonly Hop[] },
): Promise<Found> {
  const { options, looked } = scene;
  noteFindings(looked, notes);
  if (options.deep) await notes.attemptCall('package', () => noteProblems(scene, notes));
  await notes.attemptCall('package', () => noteJudgement(scene, notes));
  const survey = await surveyTarget(scene, notes);
  const { placement, decision } = survey;
  const { via } = scene.connection;
  if (placement === undefined) return { via, survey, answer: await askElsewhere(scene, notes) };
  await noteReach(scene, { placement, hops, notes });
  return { via, survey, answer: await askTarget(scene, { placement, name: nameToAsk(decision), notes }) };
}

/** What has the name that is wanted may keep it, or gives it up later: the rest is judged by another. */
function nameToAsk(decision: Survey['decision']): string | undefined {
  if (decision === undefined) return undefined;
  const isTaken = decision.kind === 'skip' || decision.replaces !== undefined;
  return isTaken ? provisionalName(decision.name ?? '', randomUUID().slice(0, 8)) : decision.name;
}

/** What only the right place could answer. */
const ofThePlace: readonly CheckName[] = ['target', 'privileges', 'name', 'place', 'hardware'];
/** What only the right datacenter could. */
const ofTheDatacenter: readonly CheckName[] = ['networks', 'storage'];

/** Values and networks can be judged though the place is not known: any pool will do to ask, for nothing is made in it. */
async function askElsewhere(scene: ImportScene, notes: Notes): Promise<Answer | undefined> {
  const { backend, context } = scene;
  const [pool] = await backend.inventory.resourcePool.list({}, context);
  if (pool === undefined) return undefined;
  const own = createNotes();
  const near = await nearPool(backend.inventory, pool.resourcePool, context);
  const placement = { resourcePool: { id: pool.resourcePool, name: pool.name }, near };
  const unanswered = near.datacenters === undefined ? ofThePlace : [...ofThePlace, ...ofTheDatacenter];
  const answer = await askTarget(scene, { placement, name: undefined, notes: own });
  for (const problem of own.problems()) if (!unanswered.includes(problem.check)) notes.add(problem);
  return answer;
}

/** The errors of a descriptor are told when it is opened to be sent. */
function noteFindings({ descriptor }: Looked, notes: Notes): void {
  const count = descriptor?.findings.filter(({ severity }) => severity === 'warning').length ?? 0;
  if (count === 0) return;
  notes.add({
    check: 'package',
    severity: 'warning',
    exitCode: exitCodes.ok,
    message: `The descriptor has ${formatCount(count, 'warning')}`,
    details: [],
    hint: 'ovfkit inspect shows them.',
  });
}

/** Reads every byte of a package. */
async function noteProblems(scene: ImportScene, notes: Notes): Promise<void> {
  const { context, options, report } = scene;
  const { signal } = context;
  const opened = await openToSend(context, scene);
  try {
    if (opened.kind === 'stream') return;
    const { problems } = await verifyPackage(opened.reader, {
      mode: options.lax ? 'lax' : 'strict',
      signal,
      onProgress: ({ file, done, total }) => report.event({ type: 'file', name: file, transferred: done, size: total }),
    });
    for (const { severity, kind, code, message, file } of problems) {
      if (severity === 'info') continue;
      const isChanged = kind === 'digest' || kind === 'signature';
      notes.add({
        check: 'package',
        severity,
        exitCode: isChanged ? exitCodes.verificationFailed : exitCodes.packageInvalid,
        message: message.startsWith(file) ? message : `${file}: ${message}`,
        details: [],
        hint: nextSteps[code],
      });
    }
  } finally {
    await opened.close();
  }
}

/** What was found as a plan. */
export function planOf(
  { options }: Pick<ImportScene, 'options'>,
  { found, notes, hops }: { readonly found: Found | undefined; readonly notes: Notes; readonly hops: readonly Hop[] },
): Plan {
  const { via, survey = {}, answer } = found ?? {};
  const { decision } = survey;
  const problems = withoutRepetition(notes.problems());
  const parameters = answer?.validation.parameters ?? [];
  const product = findParams(parameters, 'NameAndProductParams');
  const draft = {
    via,
    hops,
    ...(product?.virtualApp === undefined ? {} : { kind: product.virtualApp ? ('vapp' as const) : ('vm' as const) }),
    name: decision?.name ?? product?.name ?? options.name,
    existing: existingOf(decision),
    placement: survey.placement && withoutNear(survey.placement),
    option: optionOf(parameters, options),
    networks: answer === undefined ? [] : networksOf(answer),
    networksOffered: answer === undefined ? [] : networkCandidates(parameters, answer.offers),
    properties: answer === undefined ? [] : propertiesOf(answer),
    storage: answer === undefined ? undefined : storageOf(answer, options),
    datastoresOffered: answer === undefined ? [] : datastoresOf(answer),
  };
  const first = problems.find(({ severity }) => severity === 'error');
  return {
    exitCode: first?.exitCode ?? exitCodes.ok,
    checks: checksOf({ ...draft, problems }, { options, survey, answer, kind: sourceKindOf(options.source) }),
    problems,
    ...draft,
  };
}

const withoutNear = ({ near: _, ...placement }: LocatedPlacement): ChosenPlacement => placement;

function withoutRepetition(all: readonly PlanProblem[]): Plan['problems'] {
  const seen = new Set<string>();
  return all.flatMap(({ cause, ...problem }) => {
    const text = JSON.stringify(problem);
    if (seen.has(text)) return [];
    seen.add(text);
    return [problem];
  });
}

function existingOf(decision: Survey['decision']): Plan['existing'] {
  if (decision?.kind === 'skip') return { ...decision.existing, fate: 'stays' };
  return decision?.replaces === undefined ? undefined : { ...decision.replaces, fate: 'replaced' };
}

function networksOf({ parameters, validation, offers }: Answer): readonly PlannedNetwork[] {
  const candidates = networkCandidates(validation.parameters, offers);
  const chosen = findParams(parameters, 'NetworkMappingParams')?.sourceNetworks ?? [];
  const all = findParams(validation.parameters, 'NetworkMappingParams')?.sourceNetworks ?? chosen;
  return all.map(({ name = '', target: own }) => {
    const mapped = chosen.find((each) => each.name === name);
    const id = mapped === undefined ? own : mapped.target;
    return { source: name, target: candidates.find((each) => each.id === id) ?? (id ? { id, name: id } : undefined) };
  });
}

/** Types of password properties carry the word. */
const propertiesOf = ({ validation }: Answer): readonly PlannedProperty[] =>
  (findParams(validation.parameters, 'PropertyParams')?.properties ?? []).map((property) => {
    const { type = '', value } = property;
    return { key: fullKey(property), type, value: /password/i.test(type) ? undefined : value };
  });

/** With the room they have. */
function datastoresOf({ validation, offers }: Answer): Plan['datastoresOffered'] {
  const told = findParams(validation.parameters, 'DatastoreMappingParams');
  return usableDatastores(told, offers).map((each) => offers.datastores.find(({ id }) => id === each.id) ?? each);
}

/** Nothing in place of one that was asked for and is not there. */
function optionOf(parameters: readonly OvfParams[], { deploymentOption }: ImportOptions): string | undefined {
  const selected = findParams(parameters, 'DeploymentOptionParams')?.selectedKey;
  return deploymentOption === undefined || deploymentOption === selected ? selected : undefined;
}

/** The target's own choice where none was asked for. */
function storageOf({ parameters, validation, offers }: Answer, { datastore }: ImportOptions): PlannedStorage {
  const told = findParams(validation.parameters, 'DatastoreMappingParams');
  const own = findParams(parameters, 'DatastoreMappingParams');
  const size = findParams(validation.parameters, 'SizeParams');
  const nameOf = (id: string | undefined): string => offers.datastores.find((each) => each.id === id)?.name ?? id ?? '';
  const id = own?.targetDatastore ?? (datastore === undefined ? told?.targetDatastore : undefined);
  const profile = own?.targetProfile ?? told?.targetProfile;
  const policy = [...(told?.availableStorageProfiles ?? []), ...(offers.storagePolicies ?? [])].find(
    (each) => each.id === profile,
  );
  const atLeast0 = (bytes: number | undefined) => (bytes !== undefined && bytes >= 0 ? bytes : undefined);
  return {
    datastore: id ? (offers.datastores.find((each) => each.id === id) ?? { id, name: id }) : undefined,
    provisioning: own?.targetProvisioningType ?? told?.targetProvisioningType,
    policy: policy?.name ?? profile,
    disks: (own?.diskGroups ?? []).map((group) => ({ disk: group.id ?? '', datastore: nameOf(group.targetDatastore) })),
    transferSize: atLeast0(size?.approximateDownloadSize),
    flatSize: atLeast0(size?.approximateFlatDeploymentSize),
    sparseSize: atLeast0(size?.approximateSparseDeploymentSize),
  };
}
