import { assign, setup, transition } from 'xstate';
import { SessionError } from './errors.ts';
import type { DescriptorRead } from './import-event.ts';
import type { SessionFile } from './ovf-file.ts';
import type { OvfError } from './ovf-message.ts';
import type { ProbeImportSession, ProbeState } from './probe-import-session.ts';
import { reachability } from './reachability.ts';
import {
  bundlesComplete,
  type CompletedFile,
  complete,
  isBundle,
  isComplete,
  isDescriptor,
  isWaitingFor,
  type StartedFile,
  start,
  withMembers,
} from './session-files.ts';

/** As the import events of the same names. */
export type ProbeEvent =
  | ({ readonly type: 'startFile' } & StartedFile)
  | ({ readonly type: 'completeFile' } & CompletedFile)
  | ({ readonly type: 'readDescriptor' } & DescriptorRead)
  | { readonly type: 'fail'; readonly errors: readonly OvfError[] }
  | { readonly type: 'touch'; readonly expiresAt: number };

/** As the import effects of the same names. */
export type ProbeEffect =
  | { readonly type: 'pullDescriptor' }
  | { readonly type: 'parseDescriptor' }
  | { readonly type: 'releaseFiles' };

export interface ProbeStep {
  readonly session: ProbeImportSession;
  readonly effects: readonly ProbeEffect[];
}

type Context = Omit<ProbeImportSession, 'state'>;

/** Section 10.4 of the contract. For tools of xstate's; `applyProbeEvent` and its twins are what code uses. */
export const probeMachine = setup({
  types: { context: {} as Context, input: {} as Context, events: {} as ProbeEvent },
  guards: {
    isWaitingFor: ({ context }, name: string) => isWaitingFor(context.files, name),
    isDescriptorOfPush: ({ context }, name: string) =>
      context.createSpec.sourceType === 'PUSH_SOURCE' &&
      context.files.some((file) => file.name === name && isDescriptor(file) && !isComplete(file)),
    needsBundles: ({ context }, files: readonly SessionFile[]) =>
      context.createSpec.sourceType === 'PUSH_SOURCE' && !bundlesComplete(files),
    completesBundles: ({ context }, file: CompletedFile) =>
      context.files.some((each) => each.name === file.name && isBundle(each)) &&
      bundlesComplete(complete(context.files, file)),
  },
  actions: {
    startFile: assign({ files: ({ context }, file: StartedFile) => start(context.files, file) }),
    completeFile: assign(({ context }, file: CompletedFile) => ({
      files: complete(context.files, file),
      warnings: [...context.warnings, ...(file.warnings ?? [])],
      ...(file.members === undefined ? {} : { members: withMembers(context.members ?? [], file.members) }),
    })),
    keepDescriptor: assign(({ context }, read: DescriptorRead) => ({
      files: [...read.files],
      warnings: [...context.warnings, ...read.warnings],
      information: [...context.information, ...read.information],
      ...(read.members === undefined ? {} : { members: [...read.members] }),
    })),
    keepErrors: assign({ errors: ({ context }, errors: readonly OvfError[]) => [...context.errors, ...errors] }),
    extend: assign({ expiresAt: (_, expiresAt: number) => expiresAt }),
    // effects
    parseDescriptor: () => {},
    releaseFiles: () => {},
  },
}).createMachine({
  id: 'probeImportSession',
  context: ({ input }) => input, // xstate also calls this without input: never look inside
  initial: 'PROBE_IMPORT_OVF_TRANSFER',
  on: {
    touch: { actions: { type: 'extend', params: ({ event }) => event.expiresAt } },
  },
  states: {
    PROBE_IMPORT_OVF_TRANSFER: {
      on: {
        startFile: {
          guard: { type: 'isWaitingFor', params: ({ event }) => event.name },
          actions: { type: 'startFile', params: ({ event }) => event },
        },
        completeFile: [
          {
            guard: { type: 'isDescriptorOfPush', params: ({ event }) => event.name },
            actions: [{ type: 'completeFile', params: ({ event }) => event }, 'parseDescriptor'],
          },
          {
            guard: { type: 'isWaitingFor', params: ({ event }) => event.name },
            actions: { type: 'completeFile', params: ({ event }) => event },
          },
        ],
        readDescriptor: [
          {
            guard: { type: 'needsBundles', params: ({ event }) => event.files },
            target: 'PROBE_IMPORT_MSG_BUNDLES_TRANSFER',
            actions: { type: 'keepDescriptor', params: ({ event }) => event },
          },
          {
            target: 'PROBE_IMPORT_SELECTING_OVF_PARAMS',
            actions: { type: 'keepDescriptor', params: ({ event }) => event },
          },
        ],
        fail: { target: 'PROBE_IMPORT_ERROR', actions: { type: 'keepErrors', params: ({ event }) => event.errors } },
      },
    },
    PROBE_IMPORT_MSG_BUNDLES_TRANSFER: {
      on: {
        startFile: {
          guard: { type: 'isWaitingFor', params: ({ event }) => event.name },
          actions: { type: 'startFile', params: ({ event }) => event },
        },
        completeFile: [
          {
            guard: { type: 'completesBundles', params: ({ event }) => event },
            target: 'PROBE_IMPORT_SELECTING_OVF_PARAMS',
            actions: { type: 'completeFile', params: ({ event }) => event },
          },
          {
            guard: { type: 'isWaitingFor', params: ({ event }) => event.name },
            actions: { type: 'completeFile', params: ({ event }) => event },
          },
        ],
        fail: { target: 'PROBE_IMPORT_ERROR', actions: { type: 'keepErrors', params: ({ event }) => event.errors } },
      },
    },
    PROBE_IMPORT_SELECTING_OVF_PARAMS: {
      on: {
        startFile: {
          guard: { type: 'isWaitingFor', params: ({ event }) => event.name },
          actions: { type: 'startFile', params: ({ event }) => event },
        },
        completeFile: {
          guard: { type: 'isWaitingFor', params: ({ event }) => event.name },
          actions: { type: 'completeFile', params: ({ event }) => event },
        },
        fail: { target: 'PROBE_IMPORT_ERROR', actions: { type: 'keepErrors', params: ({ event }) => event.errors } },
      },
    },
    PROBE_IMPORT_ERROR: { entry: 'releaseFiles' },
  },
});

const restore = ({ state, ...context }: ProbeImportSession) => probeMachine.resolveState({ value: state, context });

/** Whether `event` may happen now. */
export const canApplyProbeEvent = (session: ProbeImportSession, event: ProbeEvent): boolean =>
  restore(session).can(event);

/**
 * The session after `event`, and what has to be done about it. Changes nothing and does nothing.
 * @throws SessionError NOT_ALLOWED_IN_CURRENT_STATE
 */
export function applyProbeEvent(session: ProbeImportSession, event: ProbeEvent): ProbeStep {
  const before = restore(session);
  if (!before.can(event)) {
    throw new SessionError(
      'NOT_ALLOWED_IN_CURRENT_STATE',
      `${event.type} is not allowed while the session is ${session.state}.`,
    );
  }
  const [after, actions] = transition(probeMachine, before, event);
  // the one cast: xstate types params as unknown
  const effects = actions.map(({ type }) => ({ type })) as readonly ProbeEffect[];
  return { session: { ...after.context, state: after.value }, effects };
}

/** What has to be done for a session in the state it is in: at its start, and again after a restart. */
export function probeEffectsOf(session: ProbeImportSession): readonly ProbeEffect[] {
  if (session.state === 'PROBE_IMPORT_ERROR') return [{ type: 'releaseFiles' }];
  if (session.state !== 'PROBE_IMPORT_OVF_TRANSFER') return [];
  if (session.createSpec.sourceType !== 'PUSH_SOURCE') return [{ type: 'pullDescriptor' }];
  return session.files.some((file) => isDescriptor(file) && isComplete(file)) ? [{ type: 'parseDescriptor' }] : [];
}

const { canReach } = reachability(probeMachine);

/** Whether a session seen in `from` can later be seen in `to`. */
export const probeCanReach = (from: ProbeState, to: ProbeState): boolean => canReach(from, to);
