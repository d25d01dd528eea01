import { assign, setup, transition } from 'xstate';
import type { DownloadSession } from './download-session.ts';
import { SessionError } from './errors.ts';

export type DownloadEvent =
  /** The client asks for a file. */
  | { readonly type: 'prepareFile'; readonly name: string }
  /** The client says how far it is, in percent. */
  | { readonly type: 'reportProgress'; readonly percent: number }
  | { readonly type: 'cancel' }
  /** The session was used: it lives until `expiresAt`, milliseconds since 1970. */
  | { readonly type: 'touch'; readonly expiresAt: number };

/** What has to be done after an event; may be done again after a restart. */
export interface DownloadEffect {
  /** Let the files go that only this session held. */
  readonly type: 'releaseFiles';
}

export interface DownloadStep {
  readonly session: DownloadSession;
  readonly effects: readonly DownloadEffect[];
}

type Context = Omit<DownloadSession, 'state'>;

/** The life of a download session of a content library. For tools of xstate's; `applyDownloadEvent` is what code uses. */
export const downloadMachine = setup({
  types: { context: {} as Context, input: {} as Context, events: {} as DownloadEvent },
  guards: {
    isFile: ({ context }, name: string) => context.files.some((file) => file.name === name),
  },
  actions: {
    prepareFile: assign({
      prepared: ({ context }, name: string) => [...context.prepared.filter((each) => each !== name), name],
    }),
    setProgress: assign({ progress: (_, percent: number) => percent }),
    extend: assign({ expiresAt: (_, expiresAt: number) => expiresAt }),
    // effects
    releaseFiles: () => {},
  },
}).createMachine({
  id: 'downloadSession',
  context: ({ input }) => input, // xstate also calls this without input: never look inside
  initial: 'ACTIVE',
  on: {
    touch: { actions: { type: 'extend', params: ({ event }) => event.expiresAt } },
  },
  states: {
    ACTIVE: {
      on: {
        prepareFile: {
          guard: { type: 'isFile', params: ({ event }) => event.name },
          actions: { type: 'prepareFile', params: ({ event }) => event.name },
        },
        reportProgress: { actions: { type: 'setProgress', params: ({ event }) => event.percent } },
        cancel: 'CANCELED',
      },
    },
    CANCELED: { entry: 'releaseFiles' },
    // a session of ours never gets there; a stored one may say so
    ERROR: { entry: 'releaseFiles' },
  },
});

const restore = ({ state, ...context }: DownloadSession) => downloadMachine.resolveState({ value: state, context });

/** Whether `event` may happen now. */
export const canApplyDownloadEvent = (session: DownloadSession, event: DownloadEvent): boolean =>
  restore(session).can(event);

/**
 * The session after `event`, and what has to be done about it. Changes nothing and does nothing.
 * @throws SessionError NOT_ALLOWED_IN_CURRENT_STATE
 */
export function applyDownloadEvent(session: DownloadSession, event: DownloadEvent): DownloadStep {
  const before = restore(session);
  if (!before.can(event)) {
    throw new SessionError(
      'NOT_ALLOWED_IN_CURRENT_STATE',
      `${event.type} is not allowed while the session is ${session.state}.`,
    );
  }
  const [after, actions] = transition(downloadMachine, before, event);
  // the one cast: xstate types params as unknown
  const effects = actions.map(({ type }) => ({ type })) as readonly DownloadEffect[];
  return { session: { ...after.context, state: after.value }, effects };
}

/** What has to be done for a session in the state it is in, after a restart. */
export const downloadEffectsOf = ({ state }: DownloadSession): readonly DownloadEffect[] =>
  state === 'ACTIVE' ? [] : [{ type: 'releaseFiles' }];
