import { findParams } from '@ovfkit/domain';
import type { ImportOptions, SourceKind } from '../import/import-options.ts';
import { formatCount, formatSize } from '../output/format.ts';
import type { Answer } from './ask-target.ts';
import { type CheckName, checkNames } from './notes.ts';
import type { Plan, PlanCheck } from './plan.ts';
import type { Survey } from './survey.ts';

interface Basis {
  readonly options: ImportOptions;
  readonly survey: Survey;
  readonly answer: Answer | undefined;
  readonly kind: SourceKind;
}

type Draft = Omit<Plan, 'checks' | 'exitCode'>;

/** How each check ended, with what there is to tell of it; one that says nothing and met nothing is unknown. */
export function checksOf(draft: Draft, basis: Basis): readonly PlanCheck[] {
  const details = detailsOf(draft, basis);
  return checkNames.flatMap((check) => {
    const severities = draft.problems.filter((each) => each.check === check).map(({ severity }) => severity);
    const detail = details.get(check);
    const hasFailed = severities.includes('error');
    if (!hasFailed && severities.length === 0 && detail === '') return []; // the package has nothing of the kind
    const status = hasFailed ? 'failed' : severities.length > 0 ? 'warning' : detail === undefined ? 'unknown' : 'ok';
    return [{ check, status, detail: detail ?? '' }];
  });
}

/** Absent: not known. Empty: there is nothing of the kind. */
function detailsOf(draft: Draft, { options, survey, answer, kind }: Basis): ReadonlyMap<CheckName, string> {
  const { placement, decision } = survey;
  const isRead = answer !== undefined;
  const all: readonly (readonly [CheckName, string | undefined])[] = [
    ['target', draft.hops.length > 0 || placement !== undefined ? targetText(draft) : undefined],
    ['package', isRead ? packageText(options, kind) : undefined],
    ['place', placement === undefined ? undefined : placeText(placement)],
    ['name', decision === undefined ? undefined : nameText(draft, decision)],
    ['hardware', survey.hardware],
    ['option', isRead ? (draft.option ?? '') : undefined],
    ['networks', isRead ? networksText(draft) : undefined],
    ['properties', isRead ? countText(draft.properties.length, 'property', 'properties') : undefined],
    ['storage', storageText(draft)],
    ['library', ''],
    ['licences', isRead ? licencesText(answer) : undefined],
    ['signer', isRead ? signerText(answer) : undefined],
    ['privileges', isRead && placement !== undefined ? 'nothing was refused to this user' : undefined],
    ['parameters', isRead ? '' : undefined],
    ['afterwards', afterwardsText(options)],
  ];
  return new Map(all.flatMap(([check, text]) => (text === undefined ? [] : [[check, text] as const])));
}

const ways = { session: 'by its sessions', library: 'by way of its content library', lease: 'by a lease' } as const;

function targetText({ hops, via }: Draft): string {
  const failed = hops.find(({ status }) => status === 'failed');
  if (failed !== undefined) return `${failed.name}: ${failed.detail}`;
  const vim = hops.find(({ name, status }) => name === 'vim25' && status === 'ok');
  const words = [...(vim === undefined ? [] : [vim.detail]), ...(via === undefined ? [] : [ways[via]])];
  return words.length === 0 ? 'connected' : words.join(', ');
}

function packageText({ deep, verify }: ImportOptions, kind: SourceKind): string {
  if (kind !== 'local') return 'the descriptor is sound';
  if (deep) return 'every byte of it is sound';
  return `the descriptor is sound and every file is there${verify ? '; --deep reads the files' : ''}`;
}

const placeText = ({ resourcePool, cluster, folder, host }: NonNullable<Draft['placement']>): string =>
  [
    `pool ${resourcePool.name}`,
    ...(cluster === undefined ? [] : [`cluster ${cluster.name}`]),
    ...(folder === undefined ? [] : [`folder ${folder.name}`]),
    ...(host === undefined ? [] : [`host ${host.name}`]),
  ].join(', ');

function nameText({ name = '', existing }: Draft, decision: NonNullable<Survey['decision']>): string {
  if (decision.kind === 'skip') return `${decision.name} is there already and stays: nothing would be imported`;
  if (existing !== undefined) return `${name} would replace ${existing.id}`;
  return name;
}

const countText = (count: number, one: string, many: string): string =>
  count === 0 ? '' : `${count} ${count === 1 ? one : many}`;

const networksText = ({ networks }: Draft): string =>
  networks.length === 0
    ? ''
    : `${networks.filter(({ target }) => target !== undefined).length} of ${networks.length} mapped`;

function storageText({ storage }: Draft): string | undefined {
  if (storage === undefined) return undefined;
  const { datastore, provisioning, policy, flatSize } = storage;
  if (datastore === undefined) return '';
  const free = datastore.freeSpace === undefined ? '' : `, ${formatSize(datastore.freeSpace)} free`;
  return [
    `${datastore.name}${free}`,
    ...(flatSize === undefined ? [] : [`${formatSize(flatSize)} of disks`]),
    ...(provisioning === undefined ? [] : [provisioning]),
    ...(policy === undefined ? [] : [`policy ${policy}`]),
  ].join(', ');
}

function licencesText({ validation }: Answer): string {
  const count = findParams(validation.parameters, 'EulaParams')?.eulas?.length ?? 0;
  return count === 0 ? '' : formatCount(count, 'licence');
}

function signerText({ validation }: Answer): string {
  return findParams(validation.parameters, 'CertificateParams')?.subject ?? '';
}

function afterwardsText({ markAsTemplate, powerOn, waitForIp, injectOvfEnv }: ImportOptions): string {
  return [
    ...(injectOvfEnv ? ['the guest is told its properties'] : []),
    ...(markAsTemplate ? ['becomes a template'] : []),
    ...(powerOn ? ['is powered on'] : []),
    ...(waitForIp === undefined ? [] : ['its address is waited for']),
  ].join(', ');
}
