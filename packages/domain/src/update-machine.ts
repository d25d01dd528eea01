import { assign, setup, transition } from 'xstate';
import { SessionError } from './errors.ts';
import type { LocalizableMessage } from './localizable-message.ts';
import type { UpdateFile, UpdateSession } from './update-session.ts';

/** A file that is here whole, with what it brings to the item. */
export interface ArrivedFile extends Pick<UpdateFile, 'name' | 'content' | 'digests'> {
  /** Bytes that came. */
  readonly size: number;
  /** What a descriptor names and nobody has announced yet. */
  readonly referenced: readonly UpdateFile[];
}

export type UpdateEvent =
  /** The client announces a file; takes the place of one that only a descriptor named, which may have encoded the name: `named`. */
  | { readonly type: 'addFile'; readonly file: UpdateFile; readonly named?: string }
  /** The client does without a file of the session, else the item shall lose its own. */
  | { readonly type: 'removeFile'; readonly name: string }
  /** Bytes of a file begin to arrive. */
  | { readonly type: 'startFile'; readonly name: string; readonly etag?: string }
  | ({ readonly type: 'completeFile' } & ArrivedFile)
  | { readonly type: 'failFile'; readonly name: string; readonly error: LocalizableMessage }
  /** The client has sent everything. */
  | { readonly type: 'complete' }
  /** The item has the files. */
  | { readonly type: 'finish'; readonly contentVersion: number }
  /** The client says how far it is, in percent. */
  | { readonly type: 'reportProgress'; readonly percent: number }
  | { readonly type: 'cancel' }
  | { readonly type: 'fail'; readonly error: LocalizableMessage }
  /** The session was used: it lives until `expiresAt`, milliseconds since 1970. */
  | { readonly type: 'touch'; readonly expiresAt: number };

/** What has to be done after an event. Each may be done again after a restart. */
export type UpdateEffect =
  /** Fetch every file that is to be pulled and is not here; `completeFile` or `failFile` for each. */
  | { readonly type: 'pullFiles' }
  /** Check the files and give them to the item; then `finish`. */
  | { readonly type: 'storeItem' }
  /** Stop what still moves and drop what was received. */
  | { readonly type: 'releaseFiles' };

export interface UpdateStep {
  readonly session: UpdateSession;
  readonly effects: readonly UpdateEffect[];
}

type Context = Omit<UpdateSession, 'state'>;

const isSettled = ({ status }: UpdateFile): boolean => status === 'READY' || status === 'ERROR';
const isPulled = (file: UpdateFile): boolean => file.sourceType === 'PULL' && !isSettled(file);
const isAwaited = ({ files }: Context, name: string): boolean =>
  files.some((file) => file.name === name && !isSettled(file));
const settlesAll = (context: Context, name: string): boolean =>
  context.isCompleting && context.files.every((file) => file.name === name || isSettled(file));
const replaced = (files: readonly UpdateFile[], name: string, change: (file: UpdateFile) => UpdateFile): UpdateFile[] =>
  files.map((file) => (file.name === name ? change(file) : file));
const isFree = ({ files }: Context, name: string): boolean =>
  files.every((file) => file.name !== name || (file.sourceType === 'NONE' && file.status === 'WAITING_FOR_TRANSFER'));

/** The life of an update session of a content library. For tools of xstate's; `applyUpdateEvent` and its twins are what code uses. */
export const updateMachine = setup({
  types: { context: {} as Context, input: {} as Context, events: {} as UpdateEvent },
  guards: {
    addsPull: ({ context }, file: UpdateFile) => !context.isCompleting && isFree(context, file.name) && isPulled(file),
    mayAdd: ({ context }, file: UpdateFile) => !context.isCompleting && isFree(context, file.name),
    isOpen: ({ context }) => !context.isCompleting,
    isAwaited: ({ context }, name: string) => isAwaited(context, name),
    bringsPulls: ({ context }, { name, referenced }: ArrivedFile) =>
      isAwaited(context, name) && referenced.some(isPulled),
    settlesAll: ({ context }, name: string) => isAwaited(context, name) && settlesAll(context, name),
    allSettled: ({ context }) => !context.isCompleting && context.files.every(isSettled),
    allSent: ({ context }) => !context.isCompleting && context.files.every((file) => isSettled(file) || isPulled(file)),
  },
  actions: {
    addFile: assign(({ context }, { file, named }: { readonly file: UpdateFile; readonly named?: string }) => ({
      files: [...context.files.filter(({ name }) => name !== file.name && name !== named), file],
      removed: context.removed.filter((name) => name !== file.name),
    })),
    removeFile: assign(({ context }, name: string) => {
      const files = context.files.filter((file) => file.name !== name);
      if (files.length < context.files.length) return { files };
      return { removed: [...context.removed.filter((each) => each !== name), name] };
    }),
    startFile: assign({
      files: ({ context }, { name, etag }: { readonly name: string; readonly etag?: string | undefined }) =>
        replaced(context.files, name, ({ etag: _, ...file }) => ({
          ...file,
          status: 'TRANSFERRING',
          ...(etag === undefined ? {} : { etag }),
        })),
    }),
    completeFile: assign({
      files: ({ context }, { name, size, content, digests, referenced }: ArrivedFile) => [
        ...replaced(context.files, name, (file) => ({
          ...file,
          status: 'READY',
          bytesTransferred: size,
          content: [...content],
          digests: [...digests],
        })),
        ...referenced.filter((added) => context.files.every((file) => file.name !== added.name)),
      ],
    }),
    failFile: assign({
      files: ({ context }, { name, error }: { readonly name: string; readonly error: LocalizableMessage }) =>
        replaced(context.files, name, (file) => ({ ...file, status: 'ERROR', error })),
    }),
    beginEnd: assign({ isCompleting: () => true }),
    keepVersion: assign({ contentVersion: (_, contentVersion: number) => contentVersion }),
    setProgress: assign({ progress: (_, percent: number) => percent }),
    keepError: assign({ error: (_, error: LocalizableMessage) => error }),
    extend: assign({ expiresAt: (_, expiresAt: number) => expiresAt }),
    // effects
    pullFiles: () => {},
    storeItem: () => {},
    releaseFiles: () => {},
  },
}).createMachine({
  id: 'updateSession',
  context: ({ input }) => input, // xstate also calls this without input: never look inside
  initial: 'ACTIVE',
  on: {
    touch: { actions: { type: 'extend', params: ({ event }) => event.expiresAt } },
  },
  states: {
    ACTIVE: {
      on: {
        addFile: [
          {
            guard: { type: 'addsPull', params: ({ event }) => event.file },
            actions: [{ type: 'addFile', params: ({ event }) => event }, 'pullFiles'],
          },
          {
            guard: { type: 'mayAdd', params: ({ event }) => event.file },
            actions: { type: 'addFile', params: ({ event }) => event },
          },
        ],
        removeFile: {
          guard: 'isOpen',
          actions: { type: 'removeFile', params: ({ event }) => event.name },
        },
        startFile: {
          guard: { type: 'isAwaited', params: ({ event }) => event.name },
          actions: { type: 'startFile', params: ({ event }) => event },
        },
        completeFile: [
          {
            guard: { type: 'bringsPulls', params: ({ event }) => event },
            actions: [{ type: 'completeFile', params: ({ event }) => event }, 'pullFiles'],
          },
          {
            guard: { type: 'settlesAll', params: ({ event }) => event.name },
            actions: [{ type: 'completeFile', params: ({ event }) => event }, 'storeItem'],
          },
          {
            guard: { type: 'isAwaited', params: ({ event }) => event.name },
            actions: { type: 'completeFile', params: ({ event }) => event },
          },
        ],
        failFile: [
          {
            guard: { type: 'settlesAll', params: ({ event }) => event.name },
            actions: [{ type: 'failFile', params: ({ event }) => event }, 'storeItem'],
          },
          {
            guard: { type: 'isAwaited', params: ({ event }) => event.name },
            actions: { type: 'failFile', params: ({ event }) => event },
          },
        ],
        complete: [
          { guard: 'allSettled', actions: ['beginEnd', 'storeItem'] },
          { guard: 'allSent', actions: 'beginEnd' },
        ],
        finish: {
          target: 'DONE',
          actions: { type: 'keepVersion', params: ({ event }) => event.contentVersion },
        },
        reportProgress: { actions: { type: 'setProgress', params: ({ event }) => event.percent } },
        cancel: 'CANCELED',
        fail: { target: 'ERROR', actions: { type: 'keepError', params: ({ event }) => event.error } },
      },
    },
    DONE: {},
    CANCELED: { entry: 'releaseFiles' },
    ERROR: { entry: 'releaseFiles' },
  },
});

const restore = ({ state, ...context }: UpdateSession) => updateMachine.resolveState({ value: state, context });

/** Whether `event` may happen now. */
export const canApplyUpdateEvent = (session: UpdateSession, event: UpdateEvent): boolean => restore(session).can(event);

/**
 * The session after `event`, and what has to be done about it. Changes nothing and does nothing.
 * @throws SessionError NOT_ALLOWED_IN_CURRENT_STATE
 */
export function applyUpdateEvent(session: UpdateSession, event: UpdateEvent): UpdateStep {
  const before = restore(session);
  if (!before.can(event)) {
    throw new SessionError(
      'NOT_ALLOWED_IN_CURRENT_STATE',
      `${event.type} is not allowed now: the session is ${session.state}${session.isCompleting ? ', and complete was called' : ''}.`,
    );
  }
  const [after, actions] = transition(updateMachine, before, event);
  // the one cast: xstate types params as unknown
  const effects = actions.map(({ type }) => ({ type })) as readonly UpdateEffect[];
  return { session: { ...after.context, state: after.value }, effects };
}

/** What has to be done for a session in the state it is in: at its start, and again after a restart. */
export function updateEffectsOf(session: UpdateSession): readonly UpdateEffect[] {
  if (session.state === 'DONE') return [];
  if (session.state !== 'ACTIVE') return [{ type: 'releaseFiles' }];
  if (session.files.some(isPulled)) return [{ type: 'pullFiles' }];
  return session.isCompleting ? [{ type: 'storeItem' }] : [];
}
