import {
  applyDownloadEvent,
  canApplyDownloadEvent,
  type DownloadEvent,
  type DownloadSession,
  DownloadSessionState,
  downloadEffectsOf,
} from '@ovfkit/domain';
import { expect, test } from 'vitest';

const session: DownloadSession = {
  id: 'd1',
  owner: 'ann',
  clientToken: 't',
  state: 'ACTIVE',
  libraryItemId: 'i1',
  contentVersion: 1,
  files: [{ name: 'a.ovf', blob: 'update/u1/a.ovf', size: 7, sha256: 'aa' }],
  prepared: [],
  progress: 0,
  createdAt: 1,
  expiresAt: 1000,
};
const events: readonly DownloadEvent[] = [
  { type: 'prepareFile', name: 'a.ovf' },
  { type: 'reportProgress', percent: 3 },
  { type: 'cancel' },
];

test('a file is prepared once, and only one that the session has', () => {
  const prepared = applyDownloadEvent(session, { type: 'prepareFile', name: 'a.ovf' }).session;
  expect(applyDownloadEvent(prepared, { type: 'prepareFile', name: 'a.ovf' }).session.prepared).toEqual(['a.ovf']);
  expect(canApplyDownloadEvent(session, { type: 'prepareFile', name: '__proto__' })).toBe(false);
});

test('a canceled session lets its files go and takes nothing more but that it lives on', () => {
  const { session: canceled, effects } = applyDownloadEvent(session, { type: 'cancel' });
  expect([canceled.state, effects]).toEqual(['CANCELED', [{ type: 'releaseFiles' }]]);
  for (const event of events) {
    expect(canApplyDownloadEvent(canceled, event)).toBe(false);
    expect(() => applyDownloadEvent(canceled, event)).toThrow(
      expect.objectContaining({ kind: 'NOT_ALLOWED_IN_CURRENT_STATE' }),
    );
  }
  expect(applyDownloadEvent(canceled, { type: 'touch', expiresAt: 5 }).session.expiresAt).toBe(5);
});

test('a restart releases what is over and leaves the rest alone', () => {
  const effects = DownloadSessionState.options.map((state) => downloadEffectsOf({ ...session, state }).length);
  expect(effects).toEqual([0, 1, 1]);
});
