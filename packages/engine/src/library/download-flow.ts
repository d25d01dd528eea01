import {
  applyDownloadEvent,
  type DownloadEffect,
  type DownloadEvent,
  type DownloadSession,
  downloadEffectsOf,
} from '@ovfkit/domain';
import type { Core } from '../core.ts';
import { createFlow, type Flow } from '../flow.ts';
import { releaseLater } from '../session-blobs.ts';

export type DownloadFlow = Flow<DownloadSession, DownloadEvent>;

/** Download sessions of the content library: their machine with what its effects do. */
export const createDownloadFlow = (core: Core): DownloadFlow =>
  createFlow<DownloadSession, DownloadEvent, DownloadEffect>(core, {
    name: 'download',
    table: core.sessions.downloads,
    apply: applyDownloadEvent,
    effectsOf: downloadEffectsOf,
    isOver: ({ state }) => state !== 'ACTIVE',
    touch: (session, expiresAt) => applyDownloadEvent(session, { type: 'touch', expiresAt }).session,
    failure: () => ({ type: 'cancel' }),
    perform: async ({ id }) => releaseLater(core, { kind: 'download', id }),
  });
