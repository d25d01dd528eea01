import { type CallOptions, type SessionBackend, SessionError } from '@ovfkit/domain';
import { pause } from '@ovfkit/rest';
import { unlessAbsent } from '../unless-absent.ts';
import { keepAlive } from './keep-alive.ts';

type Services = Pick<SessionBackend, 'contentLibrary' | 'files'>;

/** An item that lasts as long as it is needed. */
export interface Staging<Content> {
  readonly services: Services;
  readonly libraryId: string;
  /** Of the item: two requests of one name are the same one. */
  readonly name: string;
  readonly signal: AbortSignal;
  /** Puts files into the update session of the item. */
  readonly put: (updateSessionId: string) => Promise<Content>;
}

/**
 * Puts a package into the library as an item of its own, and takes the item away again in every ending. What an earlier attempt left is
 * removed first.
 * @throws SessionError as the server refuses; the signal's reason
 */
export async function withStagedItem<Content, Result>(
  staging: Staging<Content>,
  use: (libraryItemId: string, content: Content) => Promise<Result>,
): Promise<Result> {
  const { services, libraryId, name, signal } = staging;
  const { item } = services.contentLibrary;
  await removeItems(services, { name, signal });
  const description = 'A package on its way to a virtual machine. Nobody needs it when no import is under way.';
  const libraryItemId = await item.create({ createSpec: { libraryId, name, description, type: 'ovf' } }, { signal });
  try {
    return await use(libraryItemId, await fill(staging, libraryItemId));
  } finally {
    await removeItem(services, libraryItemId);
  }
}

/** What an earlier attempt has left, in whatever library. */
export async function removeItems(
  services: Pick<Services, 'contentLibrary'>,
  { name, signal }: { readonly name: string; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const options = signal === undefined ? {} : { signal };
  for (const left of await services.contentLibrary.item.find({ spec: { name } }, options))
    await removeItem(services, left);
}

/** Not by the signal of the import: what is half there goes most of all when that was aborted. */
const cleanupMs = 30_000;

/** An item that is being updated cannot be deleted: its sessions end first. One that is gone is no error. */
export async function removeItem(
  { contentLibrary }: Pick<Services, 'contentLibrary'>,
  libraryItemId: string,
): Promise<void> {
  const { updateSession, item } = contentLibrary;
  const options: CallOptions = { signal: AbortSignal.timeout(cleanupMs) };
  const sessions = await updateSession.list({ libraryItemId }, options).catch(() => []);
  for (const updateSessionId of sessions) {
    await updateSession.cancel({ updateSessionId }, options).catch(() => undefined);
    await updateSession.delete({ updateSessionId }, options).catch(() => undefined);
  }
  await item.delete({ libraryItemId }, options).catch(unlessAbsent);
}

/** Well under the five minutes that a session lives without use (reference, A.2). */
export const keepAliveMs = 30_000;

/** The item has the files when this resolves. */
async function fill<Content>(staging: Staging<Content>, libraryItemId: string): Promise<Content> {
  const { services, put, signal } = staging;
  const { updateSession } = services.contentLibrary;
  const updateSessionId = await updateSession.create({ createSpec: { libraryItemId } }, { signal });
  const touch = () => updateSession.keepAlive({ updateSessionId }, { signal });
  const content = await keepAlive(touch, { everyMs: keepAliveMs }, async () => {
    const given = await put(updateSessionId);
    await complete(services, { updateSessionId, signal });
    return given;
  });
  await updateSession.delete({ updateSessionId }, { signal }).catch(() => undefined);
  return content;
}

/**
 * The answer may get lost, or come before the library is done: the session tells.
 * @throws SessionError INVALID_ARGUMENT when the library found the package wrong
 */
async function complete(
  { contentLibrary }: Pick<Services, 'contentLibrary'>,
  { updateSessionId, signal }: { readonly updateSessionId: string; readonly signal: AbortSignal },
): Promise<void> {
  const { updateSession } = contentLibrary;
  const refusal = await updateSession.complete({ updateSessionId }, { signal }).then(
    () => undefined,
    (error: unknown) => error,
  );
  for (let waitMs = 200; ; waitMs = Math.min(5_000, waitMs * 2)) {
    signal.throwIfAborted();
    const { state, errorMessage } = await updateSession.get({ updateSessionId }, { signal });
    if (state === 'DONE') return;
    if (state !== 'ACTIVE')
      throw new SessionError(
        'INVALID_ARGUMENT',
        `The content library did not take the package: ${errorMessage?.defaultMessage ?? 'it does not say why'}`,
        refusal === undefined ? {} : { cause: refusal },
      );
    if (refusal !== undefined) throw refusal;
    await pause(waitMs, signal);
  }
}
