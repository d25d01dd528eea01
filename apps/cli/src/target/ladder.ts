import { type BackendFeatures, type SessionBackend, SessionError } from '@ovfkit/domain';
import type { RestBackend, SessionApi } from '@ovfkit/rest';
import { CliError } from '../errors.ts';

/** The ways into a target: its own sessions, its content library, or a lease on its hosts. */
export const vias = ['session', 'library', 'lease'] as const;
export type Via = (typeof vias)[number];

/** A way, with what speaks for it. */
export interface Rung {
  readonly via: Via;
  readonly why: string;
}

/** What is known of a target's REST API; `undefined` when it has none. */
export type KnownRest =
  | {
      readonly about: { readonly sessionApi: SessionApi };
      readonly features: Pick<BackendFeatures, 'contentLibrary'>;
      readonly contentLibrary: SessionBackend['contentLibrary'];
    }
  | undefined;

/** What the way has to be able to do: only the content library deploys what it has itself. */
export type Need = 'item';

/**
 * The best way that a target has (contract, section 13): what is there and not permitted, or does not answer for now, is told and not
 * gone around.
 * @throws CliError
 */
export async function chooseRung(
  rest: KnownRest,
  { signal, need }: { readonly signal: AbortSignal; readonly need?: Need | undefined },
): Promise<Rung> {
  if (rest === undefined) return { via: 'lease', why: 'the target has no REST API, as an ESXi host has none' };
  switch (rest.about.sessionApi) {
    case 'present':
      return { via: 'session', why: 'the target has the OVF session API' };
    case 'forbidden':
      throw new CliError('targetRefused', 'The user may not use the OVF session API of the target', {
        hint: 'Ask for the privileges of it, or choose another way: --via library or --via lease.',
      });
    case 'unknown':
      throw new CliError('network', 'The target does not say whether it has the OVF session API', {
        hint: 'Try again later, or choose another way: --via library or --via lease.',
      });
    case 'missing':
      return need === 'item' ? forItem(rest) : withoutSessions(rest, signal);
  }
}

/** An item needs no local library to pass through. */
const forItem = ({ features }: NonNullable<KnownRest>): Rung =>
  features.contentLibrary
    ? { via: 'library', why: 'the package is in it, and the target has no OVF session API' }
    : { via: 'lease', why: 'the target has no OVF session API and no content library' };

async function withoutSessions(
  { features, contentLibrary }: NonNullable<KnownRest>,
  signal: AbortSignal,
): Promise<Rung> {
  const none = 'the target has no OVF session API';
  if (!features.contentLibrary) return { via: 'lease', why: `${none} and no content library` };
  const libraries = await contentLibrary.localLibrary.list({}, { signal }).catch((error: unknown) => {
    if (error instanceof SessionError && error.kind === 'UNAUTHORIZED') return [];
    throw error;
  });
  return libraries.length === 0
    ? { via: 'lease', why: `${none} and no local content library` }
    : { via: 'library', why: `${none}, but a content library` };
}

/** @throws CliError when the target has no sessions, or not for this user */
export function requireSessionApi({ about }: RestBackend): void {
  if (about.sessionApi !== 'missing') return;
  throw new CliError('targetRefused', `${about.url} has no OVF session API`, {
    hint: 'Not every vCenter offers it: leave --via session out, or use an ovfkitd.',
  });
}
