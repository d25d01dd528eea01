import { type ExitClass, exitCodes } from '../errors.ts';
import type { Failure, ForeignError } from './failure.ts';
import { remarkHints } from './remark-hints.ts';
import { systemHintOf } from './system-hints.ts';

interface KindRule {
  readonly exitClass: ExitClass;
  readonly hint?: string;
}

const kindRules: Readonly<Record<string, KindRule>> = {
  UNAUTHENTICATED: {
    exitClass: 'targetRefused',
    hint: 'Check user and password; OVFKIT_USER and OVFKIT_PASSWORD override what is stored for a target.',
  },
  UNAUTHORIZED: { exitClass: 'targetRefused', hint: 'Ask for the privilege the message names, or use another user.' },
  NOT_FOUND: {
    exitClass: 'targetRefused',
    hint: 'It may have been deleted, ended from elsewhere, or unused for too long: look there, then run the command again.',
  },
  OPERATION_NOT_FOUND: {
    exitClass: 'targetRefused',
    hint: 'The target does not offer this call; `ovfkit target test` shows what it offers.',
  },
  RESOURCE_INACCESSIBLE: {
    exitClass: 'network',
    hint: 'Check the address and the network; `ovfkit target test` tries each hop.',
  },
  SERVICE_UNAVAILABLE: {
    exitClass: 'network',
    hint: 'When too much is under way there, try again later. Else check that the service runs and the address is right; `ovfkit target test` tries each hop.',
  },
  UNABLE_TO_ALLOCATE_RESOURCE: {
    exitClass: 'targetRefused',
    hint: 'Make room at the target: delete sessions or machines there, or have its administrator raise the limit the message names.',
  },
  UNVERIFIED_PEER: {
    exitClass: 'network',
    hint: 'Compare the thumbprint with what the server printed, then give it with --thumbprint, or its CA with --ca.',
  },
  TIMED_OUT: { exitClass: 'timedOut', hint: 'Try again; what arrived is kept where the target can resume.' },
};

const sourceHint =
  'Compare the thumbprint with that of the server the package comes from, then give its SHA-1 with --source-thumbprint.';

const has = <Key extends string>(value: unknown, key: Key): value is Readonly<Record<Key, unknown>> =>
  typeof value === 'object' && value !== null && key in value;

const listOf = (value: unknown, key: string): readonly unknown[] => {
  const list = has(value, key) ? value[key] : undefined;
  return Array.isArray(list) ? list : [];
};

/** What a session died of or what a target refused: the errors of the contract, as they came. */
const errorsOf = (data: unknown): readonly unknown[] => listOf(data, 'errors');

/** The target's complaints about the package itself; they have places in files. */
const issuesOf = (data: unknown): readonly unknown[] => errorsOf(data).flatMap((each) => listOf(each, 'issues'));

const mismatches: ReadonlySet<string> = new Set(['com.ovfkit.manifest.mismatch', 'com.ovfkit.transfer.mismatch']);

const messageIdOf = (issue: unknown): string =>
  has(issue, 'message') && has(issue.message, 'id') ? String(issue.message.id) : '';

/**
 * Whether an issue is about a manifest or a signature. The contract has one category for these; our own service has more
 * in it, and tells by the id of the message.
 */
function isAboutDigest(issue: unknown): boolean {
  if (!has(issue, 'category') || issue.category !== 'VALIDATION_ERROR') return false;
  const id = messageIdOf(issue);
  return mismatches.has(id) || !id.startsWith('com.ovfkit.');
}

/** Whether bytes differ from their digest, whoever found it: this program while it sends, or the target. */
const isDigestMismatch = ({ data }: ForeignError): boolean =>
  (has(data, 'algorithm') && has(data, 'expected') && has(data, 'actual')) || issuesOf(data).some(isAboutDigest);

/** Whether the name of what was to be made is somebody else's, or none that the target takes. */
export const isAboutName = ({ kind, data }: ForeignError): boolean =>
  errorsOf(data).some((each) => has(each, 'name') && each.name === 'name') ||
  (kind === 'ALREADY_EXISTS' && has(data, 'state') && data.state === 'IMPORT_ERROR');

/** Whether the server that a target was to fetch a package from has answered so. */
const hasSourceAnswered =
  (...statuses: readonly unknown[]) =>
  ({ data }: ForeignError): boolean =>
    errorsOf(data).some(
      (each) =>
        has(each, 'error') &&
        has(each.error, 'data') &&
        has(each.error.data, 'status') &&
        statuses.includes(each.error.data.status),
    );

/** What an error is about that a target foresees: it was asked before anything was made. */
function foreseen({ data }: ForeignError): string | undefined {
  const [first] = issuesOf(data);
  return /^com\.ovfkit\.judged\.(\w+)$/.exec(messageIdOf(first))?.[1];
}

interface Rule extends KindRule {
  readonly when: (error: ForeignError) => boolean;
}

/** What an error carries says more than its kind. The first that fits decides. */
const dataRules: readonly Rule[] = [
  {
    when: isDigestMismatch,
    exitClass: 'verificationFailed',
    hint: 'Nothing was created. When `ovfkit verify` finds the same the package is damaged, get it again; else it was damaged on its way.',
  },
  ...[...remarkHints].map(
    ([subject, hint]): Rule => ({ when: (error) => foreseen(error) === subject, exitClass: 'targetRefused', hint }),
  ),
  {
    when: ({ data }) => issuesOf(data).length > 0,
    exitClass: 'packageInvalid',
    hint: 'ovfkit inspect shows everything that is wrong with a package; --lax forgives some of it.',
  },
  {
    when: isAboutName,
    exitClass: 'targetRefused',
    hint: 'Choose another name with -n; --if-exists rename chooses one where it is taken.',
  },
  {
    when: ({ kind, data }) => kind === 'ALREADY_EXISTS' && has(data, 'state') && data.state === 'EXPORT_ERROR',
    exitClass: 'targetRefused',
    hint: 'Choose another name with --name, or give --overwrite with it.',
  },
  {
    // it was the disk here that refused: only then a path of this machine is named
    when: ({ data }) => has(data, 'path'),
    exitClass: 'usage',
    hint: 'Make room there, or choose a place that can be written; nothing was left behind.',
  },
  {
    when: hasSourceAnswered(404, 410),
    exitClass: 'network',
    hint: 'Check the address: the target finds no such file there.',
  },
  {
    when: hasSourceAnswered(401, 403),
    exitClass: 'network',
    hint: 'Check that the target may read the address, with user and password in it where they are needed. One that is signed is good for a time only: give a fresh one.',
  },
  {
    when: ({ data }) =>
      errorsOf(data).some(
        (each) => has(each, 'error') && has(each.error, 'data') && has(each.error.data, 'attestedBy'),
      ),
    exitClass: 'network',
    hint: 'When the host has a new certificate, disconnect and connect it in vSphere, which then knows it; else somebody stands between. --via library needs no host.',
  },
  {
    // a session ends so when the target did not trust where it pulled from
    when: ({ kind, data }) => kind === 'UNVERIFIED_PEER' && has(data, 'state'),
    exitClass: 'network',
    hint: sourceHint,
  },
];

/** A SessionError as the user sees it. */
export function sessionFailure(error: ForeignError): Failure {
  const code = String(error.kind);
  const rule: KindRule = dataRules.find(({ when }) => when(error)) ?? kindRules[code] ?? { exitClass: 'targetRefused' };
  const hint = has(error.data, 'path') ? (systemHintOf(error) ?? rule.hint) : rule.hint;
  return { exitCode: exitCodes[rule.exitClass], code, message: error.message, details: [], hint };
}
