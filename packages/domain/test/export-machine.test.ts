import {
  applyExportEvent,
  canApplyExportEvent,
  type ExportEvent,
  type ExportSession,
  ExportState,
  exportCanReach,
  exportEffectsOf,
  exportMachine,
  exportStatesBetween,
} from '@ovfkit/domain';
import { describe, expect, test } from 'vitest';
import { getShortestPaths } from 'xstate/graph';
import { closure, maxSteps, type Path, type Row, replay, type Subject } from './support/machine-paths.ts';
import { complete, exportSession, file, oops } from './support/sessions.ts';

type When = (session: ExportSession, event: ExportEvent) => boolean;

const isDownload: When = ({ createSpec }) => createSpec.targetType === 'DOWNLOAD_TARGET';
const isLibrary: When = ({ createSpec }) => createSpec.targetType === 'CONTENT_LIBRARY_TARGET';
const isNew: When = ({ files }, event) =>
  event.type === 'addFile' && !files.some((each) => each.name === event.file.name);
const inRange: When = ({ progress }, event) => 'percent' in event && event.percent >= progress && event.percent <= 100;

const {
  EXPORT_PREPARING: PREPARING,
  EXPORT_READY: READY,
  EXPORT_IN_PROGRESS: IN_PROGRESS,
  EXPORT_COMPLETED: COMPLETED,
  EXPORT_ERROR: ERROR,
} = ExportState.enum;

/** Section 10.3 of the contract, line by line, and what the server has to do after each line. */
const table: readonly Row<ExportSession, ExportEvent>[] = [
  { from: PREPARING, event: 'addFile', when: isNew, to: PREPARING },
  { from: PREPARING, event: 'prepared', when: isDownload, to: READY },
  { from: PREPARING, event: 'prepared', when: isLibrary, to: IN_PROGRESS, effects: ['storeItem'] },
  { from: READY, event: 'reportProgress', when: inRange, to: READY },
  { from: IN_PROGRESS, event: 'advance', when: inRange, to: IN_PROGRESS },
  { from: IN_PROGRESS, event: 'complete', to: COMPLETED },
  { from: COMPLETED, event: 'reportProgress', when: inRange, to: COMPLETED },
  ...[PREPARING, READY, IN_PROGRESS].map((from) => ({ from, event: 'fail', to: ERROR, effects: ['releaseFiles'] })),
  ...ExportState.options.map((state) => ({ from: state, event: 'touch', to: state })),
];

const subject: Subject<ExportSession, ExportEvent> = { table, apply: applyExportEvent, can: canApplyExportEvent };
const ovf = complete(file('app-01.ovf', { fileType: 'OVF' }));
const disk = complete(file('__proto__', { fileType: 'DISK' }));
const member = { name: 'app-01.ovf', fileType: 'OVF' as const, blob: 'k', size: 7, sha256: 'aa' };

const events: readonly ExportEvent[] = [
  { type: 'addFile', file: ovf },
  { type: 'addFile', file: disk },
  { type: 'prepared', members: [member], warnings: [] },
  { type: 'advance', percent: 40 },
  { type: 'advance', percent: 30 },
  { type: 'reportProgress', percent: 60 },
  { type: 'reportProgress', percent: 50 },
  { type: 'reportProgress', percent: 100 },
  { type: 'complete', libraryItemId: 'item-1' },
  { type: 'fail', errors: [oops] },
];

const foreign: readonly ExportEvent[] = [
  { type: 'reportProgress', percent: 101 },
  { type: 'reportProgress', percent: Number.NaN },
  { type: 'advance', percent: -1 },
  { type: 'touch', expiresAt: 2000 },
];

describe.each([
  ['a download', exportSession({ targetType: 'DOWNLOAD_TARGET' }), [PREPARING, READY, ERROR]],
  [
    'an export to a library',
    exportSession({ targetType: 'CONTENT_LIBRARY_TARGET', contentLibrary: 'library-1' }),
    [PREPARING, IN_PROGRESS, COMPLETED, ERROR],
  ],
] as const)('%s', (_, fresh, states) => {
  const { state: __, ...input } = fresh;
  const paths = getShortestPaths(exportMachine, {
    input,
    events,
    filterEvents: (snapshot, event) => snapshot.can(event),
    limit: maxSteps,
  }).map(
    ({ state, steps }): Path<ExportSession, ExportEvent> => ({
      events: steps.slice(1).map((step) => step.event), // the first is xstate's own init
      end: { ...state.context, state: state.value },
    }),
  );
  replay(subject, { fresh, paths, eventsOf: () => [...events, ...foreign] });

  test('passes every state the contract gives it, and no other', () => {
    expect(new Set(paths.map(({ end }) => end.state))).toEqual(new Set(states));
  });
});

test('the states of the machine are those of the API', () => {
  expect(Object.keys(exportMachine.states).sort()).toEqual([...ExportState.options].sort());
});

test('a restart prepares, stores or releases again, and leaves what is ready alone', () => {
  const fresh = exportSession({ targetType: 'DOWNLOAD_TARGET' });
  const effects = ExportState.options.map((state) => exportEffectsOf({ ...fresh, state }).map(({ type }) => type));
  expect(effects).toEqual([['prepareFiles'], [], ['storeItem'], [], ['releaseFiles']]);
});

test('a library item that is made is named, and its progress is 100', () => {
  const session: ExportSession = {
    ...exportSession({ targetType: 'CONTENT_LIBRARY_TARGET', contentLibrary: 'library-1' }),
    state: IN_PROGRESS,
    progress: 40,
  };
  expect(applyExportEvent(session, { type: 'complete', libraryItemId: 'item-1' }).session).toEqual({
    ...session,
    state: COMPLETED,
    progress: 100,
    libraryItemId: 'item-1',
  });
});

test('a prepared session keeps its members and adds the warnings', () => {
  const warning = { category: 'SERVER' as const };
  const before = { ...exportSession({ targetType: 'DOWNLOAD_TARGET' }), warnings: [warning] };
  const { session } = applyExportEvent(before, { type: 'prepared', members: [member], warnings: [warning] });
  expect(session).toMatchObject({ state: READY, members: [member], warnings: [warning, warning] });
});

test('a state can be seen after another exactly when the table leads there', () => {
  for (const from of ExportState.options) {
    const after = closure(table, from);
    for (const to of ExportState.options) expect(exportCanReach(from, to), `${from} to ${to}`).toBe(after.has(to));
  }
});

test('a library export that is seen complete has been in progress', () => {
  expect(exportStatesBetween('EXPORT_PREPARING', 'EXPORT_COMPLETED')).toEqual(['EXPORT_IN_PROGRESS']);
  expect(exportStatesBetween('EXPORT_PREPARING', 'EXPORT_READY')).toEqual([]);
});
