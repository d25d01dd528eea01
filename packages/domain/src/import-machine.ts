import { assign, setup, transition } from 'xstate';
import { SessionError } from './errors.ts';
import type { DescriptorRead, ImportEffect, ImportEvent, Instantiated } from './import-event.ts';
import type { ImportSession, ImportState } from './import-session.ts';
import type { SessionFile } from './ovf-file.ts';
import type { OvfError } from './ovf-message.ts';
import type { OvfParams } from './ovf-params-list.ts';
import { reachability } from './reachability.ts';
import {
  bundlesComplete,
  type CompletedFile,
  complete,
  isBundle,
  isComplete,
  isDescriptor,
  isWaitingFor,
  nothingMissing,
  type StartedFile,
  start,
  withMembers,
} from './session-files.ts';

export interface ImportStep {
  readonly session: ImportSession;
  readonly effects: readonly ImportEffect[];
}

type Context = Omit<ImportSession, 'state'>;

/** Section 10.1 and 10.2 of the contract. For tools of xstate's; `applyImportEvent` and its twins are what code uses. */
export const importMachine = setup({
  types: { context: {} as Context, input: {} as Context, events: {} as ImportEvent },
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
    completesTransfer: ({ context }, file: CompletedFile) =>
      isWaitingFor(context.files, file.name) && nothingMissing(complete(context.files, file)),
    hasAll: (_, files: readonly SessionFile[]) => nothingMissing(files),
    isPush: ({ context }) => context.createSpec.sourceType === 'PUSH_SOURCE',
    isForward: ({ context }, percent: number) => percent >= context.progress && percent <= 100,
  },
  actions: {
    startFile: assign({ files: ({ context }, file: StartedFile) => start(context.files, file) }),
    completeFile: assign(({ context }, file: CompletedFile) => ({
      files: complete(context.files, file),
      warnings: [...context.warnings, ...(file.warnings ?? [])],
      ...(file.members === undefined ? {} : { members: withMembers(context.members ?? [], file.members) }),
    })),
    setFiles: assign({ files: (_, files: readonly SessionFile[]) => [...files] }),
    keepFindings: assign(({ context }, read: DescriptorRead) => ({
      warnings: [...context.warnings, ...read.warnings],
      information: [...context.information, ...read.information],
      ...(read.members === undefined ? {} : { members: [...read.members] }),
    })),
    keepParameters: assign({ parameters: (_, parameters: readonly OvfParams[]) => [...parameters] }),
    setProgress: assign({ progress: (_, percent: number) => percent }),
    keepResult: assign((_, { vmId, vappId, customizationResults }: Instantiated) => ({
      progress: 100,
      ...(customizationResults === undefined ? {} : { customizationResults: [...customizationResults] }),
      ...(vmId === undefined ? {} : { vmId }),
      ...(vappId === undefined ? {} : { vappId }),
    })),
    keepErrors: assign({ errors: ({ context }, errors: readonly OvfError[]) => [...context.errors, ...errors] }),
    extend: assign({ expiresAt: (_, expiresAt: number) => expiresAt }),
    // effects
    pullDescriptor: () => {},
    parseDescriptor: () => {},
    pullFiles: () => {},
    createEntity: () => {},
    releaseFiles: () => {},
  },
}).createMachine({
  id: 'importSession',
  context: ({ input }) => input, // xstate also calls this without input: never look inside
  initial: 'IMPORT_OVF_TRANSFER',
  on: {
    touch: { actions: { type: 'extend', params: ({ event }) => event.expiresAt } },
  },
  states: {
    IMPORT_OVF_TRANSFER: {
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
            target: 'IMPORT_MSG_BUNDLES_TRANSFER',
            actions: [
              { type: 'setFiles', params: ({ event }) => event.files },
              { type: 'keepFindings', params: ({ event }) => event },
            ],
          },
          {
            target: 'IMPORT_SELECTING_OVF_PARAMS',
            actions: [
              { type: 'setFiles', params: ({ event }) => event.files },
              { type: 'keepFindings', params: ({ event }) => event },
            ],
          },
        ],
        fail: { target: 'IMPORT_ERROR', actions: { type: 'keepErrors', params: ({ event }) => event.errors } },
      },
    },
    IMPORT_MSG_BUNDLES_TRANSFER: {
      on: {
        startFile: {
          guard: { type: 'isWaitingFor', params: ({ event }) => event.name },
          actions: { type: 'startFile', params: ({ event }) => event },
        },
        completeFile: [
          {
            guard: { type: 'completesBundles', params: ({ event }) => event },
            target: 'IMPORT_SELECTING_OVF_PARAMS',
            actions: { type: 'completeFile', params: ({ event }) => event },
          },
          {
            guard: { type: 'isWaitingFor', params: ({ event }) => event.name },
            actions: { type: 'completeFile', params: ({ event }) => event },
          },
        ],
        fail: { target: 'IMPORT_ERROR', actions: { type: 'keepErrors', params: ({ event }) => event.errors } },
      },
    },
    IMPORT_SELECTING_OVF_PARAMS: {
      on: {
        startFile: {
          guard: { type: 'isWaitingFor', params: ({ event }) => event.name },
          actions: { type: 'startFile', params: ({ event }) => event },
        },
        completeFile: {
          guard: { type: 'isWaitingFor', params: ({ event }) => event.name },
          actions: { type: 'completeFile', params: ({ event }) => event },
        },
        instantiate: [
          {
            guard: { type: 'hasAll', params: ({ event }) => event.files },
            target: 'IMPORT_INSTANTIATING',
            actions: [
              { type: 'setFiles', params: ({ event }) => event.files },
              { type: 'keepParameters', params: ({ event }) => event.parameters },
            ],
          },
          {
            guard: 'isPush',
            target: 'IMPORT_FILE_TRANSFER',
            actions: [
              { type: 'setFiles', params: ({ event }) => event.files },
              { type: 'keepParameters', params: ({ event }) => event.parameters },
            ],
          },
          {
            target: 'IMPORT_FILE_TRANSFER',
            actions: [
              { type: 'setFiles', params: ({ event }) => event.files },
              { type: 'keepParameters', params: ({ event }) => event.parameters },
              'pullFiles',
            ],
          },
        ],
        fail: { target: 'IMPORT_ERROR', actions: { type: 'keepErrors', params: ({ event }) => event.errors } },
      },
    },
    IMPORT_FILE_TRANSFER: {
      on: {
        startFile: {
          guard: { type: 'isWaitingFor', params: ({ event }) => event.name },
          actions: { type: 'startFile', params: ({ event }) => event },
        },
        completeFile: [
          {
            guard: { type: 'completesTransfer', params: ({ event }) => event },
            target: 'IMPORT_INSTANTIATING',
            actions: { type: 'completeFile', params: ({ event }) => event },
          },
          {
            guard: { type: 'isWaitingFor', params: ({ event }) => event.name },
            actions: { type: 'completeFile', params: ({ event }) => event },
          },
        ],
        reportProgress: {
          guard: { type: 'isForward', params: ({ event }) => event.percent },
          actions: { type: 'setProgress', params: ({ event }) => event.percent },
        },
        fail: { target: 'IMPORT_ERROR', actions: { type: 'keepErrors', params: ({ event }) => event.errors } },
      },
    },
    IMPORT_INSTANTIATING: {
      entry: 'createEntity',
      on: {
        finish: { target: 'IMPORT_COMPLETED', actions: { type: 'keepResult', params: ({ event }) => event } },
        fail: { target: 'IMPORT_ERROR', actions: { type: 'keepErrors', params: ({ event }) => event.errors } },
      },
    },
    IMPORT_COMPLETED: {},
    IMPORT_ERROR: { entry: 'releaseFiles' },
  },
});

const restore = ({ state, ...context }: ImportSession) => importMachine.resolveState({ value: state, context });

/** Whether `event` may happen now. Clients ask before they call. */
export const canApplyImportEvent = (session: ImportSession, event: ImportEvent): boolean => restore(session).can(event);

/**
 * The session after `event`, and what has to be done about it. Changes nothing and does nothing.
 * @throws SessionError NOT_ALLOWED_IN_CURRENT_STATE
 */
export function applyImportEvent(session: ImportSession, event: ImportEvent): ImportStep {
  const before = restore(session);
  if (!before.can(event)) {
    throw new SessionError(
      'NOT_ALLOWED_IN_CURRENT_STATE',
      `${event.type} is not allowed while the session is ${session.state}.`,
    );
  }
  const [after, actions] = transition(importMachine, before, event);
  // the one cast: xstate types params as unknown
  const effects = actions.map(({ type }) => ({ type })) as readonly ImportEffect[];
  return { session: { ...after.context, state: after.value }, effects };
}

/** A session that begins, and its first effects. `session.state` is where every import begins. */
export const startImport = (session: Omit<ImportSession, 'state'>): ImportStep => {
  const fresh: ImportSession = { ...session, state: 'IMPORT_OVF_TRANSFER' };
  return { session: fresh, effects: importEffectsOf(fresh) };
};

/** What has to be done for a session in the state it is in: at its start, and again after a restart. */
export function importEffectsOf(session: ImportSession): readonly ImportEffect[] {
  const isPush = session.createSpec.sourceType === 'PUSH_SOURCE';
  switch (session.state) {
    case 'IMPORT_OVF_TRANSFER':
      if (!isPush) return [{ type: 'pullDescriptor' }];
      return session.files.some((file) => isDescriptor(file) && isComplete(file)) ? [{ type: 'parseDescriptor' }] : [];
    case 'IMPORT_FILE_TRANSFER':
      return isPush ? [] : [{ type: 'pullFiles' }];
    case 'IMPORT_INSTANTIATING':
      return [{ type: 'createEntity' }];
    case 'IMPORT_ERROR':
      return [{ type: 'releaseFiles' }];
    case 'IMPORT_MSG_BUNDLES_TRANSFER':
    case 'IMPORT_SELECTING_OVF_PARAMS':
    case 'IMPORT_COMPLETED':
      return [];
  }
}

/** No event but `touch` is possible any more. */
export const isImportOver = (state: string): boolean => state === 'IMPORT_COMPLETED' || state === 'IMPORT_ERROR';

const { canReach, between } = reachability(importMachine);

/** Whether a session seen in `from` can later be seen in `to`; a poll that shows otherwise is not to be trusted. */
export const importCanReach = (from: ImportState, to: ImportState): boolean => canReach(from, to);

/**
 * The states a session must have passed unseen between two that a poll showed, in order, without the two ends; none for
 * a state we do not know. A client that tells of every state asks here, for some last only milliseconds.
 */
export const importStatesBetween = between;
