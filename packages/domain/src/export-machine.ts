import { assign, setup, transition } from 'xstate';
import { SessionError } from './errors.ts';
import type { ExportSession, ExportState } from './export-session.ts';
import type { SessionFile, SessionMember } from './ovf-file.ts';
import type { OvfError, OvfWarning } from './ovf-message.ts';
import { reachability } from './reachability.ts';

/** The files of the package in their order, and what could not be exported as it is. */
export interface Prepared {
  readonly members: readonly SessionMember[];
  readonly warnings: readonly OvfWarning[];
}

export type ExportEvent =
  /** One more file can be downloaded. */
  | { readonly type: 'addFile'; readonly file: SessionFile }
  /** The list of files is complete. */
  | ({ readonly type: 'prepared' } & Prepared)
  /** The transfer to the library is this far, in percent. */
  | { readonly type: 'advance'; readonly percent: number }
  /** The library has the item. */
  | { readonly type: 'complete'; readonly libraryItemId: string }
  /** The client says how far its download is, in percent. */
  | { readonly type: 'reportProgress'; readonly percent: number }
  | { readonly type: 'fail'; readonly errors: readonly OvfError[] }
  /** The session was used: it lives until `expiresAt`, milliseconds since 1970. */
  | { readonly type: 'touch'; readonly expiresAt: number };

/** What has to be done after an event. Each may be done again after a restart. */
export type ExportEffect =
  /** Read the entity and make its files available; `addFile` for each, then `prepared`. */
  | { readonly type: 'prepareFiles' }
  /** Move the files to the library; then `complete`. */
  | { readonly type: 'storeItem' }
  /** Stop what still moves and drop what was made. */
  | { readonly type: 'releaseFiles' };

export interface ExportStep {
  readonly session: ExportSession;
  readonly effects: readonly ExportEffect[];
}

type Context = Omit<ExportSession, 'state'>;

/** Section 10.3 of the contract. For tools of xstate's; `applyExportEvent` and its twins are what code uses. */
export const exportMachine = setup({
  types: { context: {} as Context, input: {} as Context, events: {} as ExportEvent },
  guards: {
    isNew: ({ context }, name: string) => context.files.every((file) => file.name !== name),
    isDownload: ({ context }) => context.createSpec.targetType === 'DOWNLOAD_TARGET',
    isForward: ({ context }, percent: number) => percent >= context.progress && percent <= 100,
  },
  actions: {
    addFile: assign({ files: ({ context }, file: SessionFile) => [...context.files, file] }),
    keepPrepared: assign(({ context }, { members, warnings }: Prepared) => ({
      members: [...members],
      warnings: [...context.warnings, ...warnings],
    })),
    setProgress: assign({ progress: (_, percent: number) => percent }),
    keepItem: assign((_, libraryItemId: string) => ({ libraryItemId, progress: 100 })),
    keepErrors: assign({ errors: ({ context }, errors: readonly OvfError[]) => [...context.errors, ...errors] }),
    extend: assign({ expiresAt: (_, expiresAt: number) => expiresAt }),
    // effects
    prepareFiles: () => {},
    storeItem: () => {},
    releaseFiles: () => {},
  },
}).createMachine({
  id: 'exportSession',
  context: ({ input }) => input, // xstate also calls this without input: never look inside
  initial: 'EXPORT_PREPARING',
  on: {
    touch: { actions: { type: 'extend', params: ({ event }) => event.expiresAt } },
  },
  states: {
    EXPORT_PREPARING: {
      entry: 'prepareFiles',
      on: {
        addFile: {
          guard: { type: 'isNew', params: ({ event }) => event.file.name },
          actions: { type: 'addFile', params: ({ event }) => event.file },
        },
        prepared: [
          {
            guard: 'isDownload',
            target: 'EXPORT_READY',
            actions: { type: 'keepPrepared', params: ({ event }) => event },
          },
          {
            target: 'EXPORT_IN_PROGRESS',
            actions: { type: 'keepPrepared', params: ({ event }) => event },
          },
        ],
        fail: { target: 'EXPORT_ERROR', actions: { type: 'keepErrors', params: ({ event }) => event.errors } },
      },
    },
    EXPORT_READY: {
      on: {
        reportProgress: {
          guard: { type: 'isForward', params: ({ event }) => event.percent },
          actions: { type: 'setProgress', params: ({ event }) => event.percent },
        },
        fail: { target: 'EXPORT_ERROR', actions: { type: 'keepErrors', params: ({ event }) => event.errors } },
      },
    },
    EXPORT_IN_PROGRESS: {
      entry: 'storeItem',
      on: {
        advance: {
          guard: { type: 'isForward', params: ({ event }) => event.percent },
          actions: { type: 'setProgress', params: ({ event }) => event.percent },
        },
        complete: {
          target: 'EXPORT_COMPLETED',
          actions: { type: 'keepItem', params: ({ event }) => event.libraryItemId },
        },
        fail: { target: 'EXPORT_ERROR', actions: { type: 'keepErrors', params: ({ event }) => event.errors } },
      },
    },
    EXPORT_COMPLETED: {
      on: {
        // allowed here too, as keep-alive (contract, 14.9)
        reportProgress: {
          guard: { type: 'isForward', params: ({ event }) => event.percent },
          actions: { type: 'setProgress', params: ({ event }) => event.percent },
        },
      },
    },
    EXPORT_ERROR: { entry: 'releaseFiles' },
  },
});

const restore = ({ state, ...context }: ExportSession) => exportMachine.resolveState({ value: state, context });

/** Whether `event` may happen now. Clients ask before they call. */
export const canApplyExportEvent = (session: ExportSession, event: ExportEvent): boolean => restore(session).can(event);

/**
 * The session after `event`, and what has to be done about it. Changes nothing and does nothing.
 * @throws SessionError NOT_ALLOWED_IN_CURRENT_STATE
 */
export function applyExportEvent(session: ExportSession, event: ExportEvent): ExportStep {
  const before = restore(session);
  if (!before.can(event)) {
    throw new SessionError(
      'NOT_ALLOWED_IN_CURRENT_STATE',
      `${event.type} is not allowed while the session is ${session.state}.`,
    );
  }
  const [after, actions] = transition(exportMachine, before, event);
  // the one cast: xstate types params as unknown
  const effects = actions.map(({ type }) => ({ type })) as readonly ExportEffect[];
  return { session: { ...after.context, state: after.value }, effects };
}

/** What has to be done for a session in the state it is in: at its start, and again after a restart. */
export function exportEffectsOf(session: ExportSession): readonly ExportEffect[] {
  switch (session.state) {
    case 'EXPORT_PREPARING':
      return [{ type: 'prepareFiles' }];
    case 'EXPORT_IN_PROGRESS':
      return [{ type: 'storeItem' }];
    case 'EXPORT_ERROR':
      return [{ type: 'releaseFiles' }];
    case 'EXPORT_READY':
    case 'EXPORT_COMPLETED':
      return [];
  }
}

const { canReach, between } = reachability(exportMachine);

/** Whether a session seen in `from` can later be seen in `to`; a poll that shows otherwise is not to be trusted. */
export const exportCanReach = (from: ExportState, to: ExportState): boolean => canReach(from, to);

/**
 * The states a session must have passed unseen between two that a poll showed, in order, without the two ends; none for
 * a state we do not know. A client that tells of every state asks here, for some last only milliseconds.
 */
export const exportStatesBetween = between;
