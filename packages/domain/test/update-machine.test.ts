import {
  applyUpdateEvent,
  canApplyUpdateEvent,
  message,
  type UpdateEvent,
  type UpdateFile,
  type UpdateSession,
  UpdateSessionState,
  updateEffectsOf,
  updateMachine,
} from '@ovfkit/domain';
import { describe, expect, test } from 'vitest';
import { getShortestPaths } from 'xstate/graph';
import { maxSteps, type Path, type Row, replay, type Subject } from './support/machine-paths.ts';

const file = (name: string, facts: Partial<UpdateFile> = {}): UpdateFile => ({
  name,
  sourceType: 'PUSH',
  status: 'WAITING_FOR_TRANSFER',
  bytesTransferred: 0,
  content: [],
  digests: [],
  ...facts,
});
const pulled = (name: string) => file(name, { sourceType: 'PULL', status: 'TRANSFERRING' });
const named = (name: string) => file(name, { sourceType: 'NONE' });
const oops = message('oops', 'It broke.');
const arrived = (name: string, referenced: readonly UpdateFile[] = []): UpdateEvent => ({
  type: 'completeFile',
  name,
  size: 7,
  content: [{ name, blob: `update/u1/${name}`, size: 7, sha256: 'aa' }],
  digests: [],
  referenced,
});

const fresh: UpdateSession = {
  id: 'u1',
  owner: 'ann',
  clientToken: 't',
  state: 'ACTIVE',
  libraryItemId: 'i1',
  contentVersion: 1,
  files: [],
  removed: [],
  isCompleting: false,
  progress: 0,
  createdAt: 1,
  expiresAt: 1000,
};

type When = (session: UpdateSession, event: UpdateEvent) => boolean;

const isOver = ({ status }: UpdateFile) => status === 'READY' || status === 'ERROR';
const isOpen: When = ({ isCompleting }) => !isCompleting;
const nameIn = (event: UpdateEvent) => ('name' in event ? event.name : undefined);
const awaited: When = ({ files }, event) => files.some((each) => each.name === nameIn(event) && !isOver(each));
const isLast: When = (session, event) =>
  session.isCompleting && session.files.every((each) => each.name === nameIn(event) || isOver(each));
const bringsPulls: When = (_, event) =>
  event.type === 'completeFile' && event.referenced.some(({ sourceType }) => sourceType === 'PULL');
const isFree: When = ({ files }, event) =>
  event.type === 'addFile' &&
  files.every(
    ({ name, sourceType, status }) =>
      name !== event.file.name || (sourceType === 'NONE' && status === 'WAITING_FOR_TRANSFER'),
  );
const isPull: When = (_, event) => event.type === 'addFile' && event.file.sourceType === 'PULL';
const allOver: When = ({ files }) => files.every(isOver);
const allSent: When = ({ files }) => files.every((each) => isOver(each) || each.sourceType === 'PULL');
const all =
  (...conditions: readonly When[]): When =>
  (session, event) =>
    conditions.every((condition) => condition(session, event));
const not =
  (condition: When): When =>
  (session, event) =>
    !condition(session, event);

const from = 'ACTIVE';
/** What the public reference says of update sessions, section A.2. */
const table: readonly Row<UpdateSession, UpdateEvent>[] = [
  { from, event: 'addFile', when: all(isOpen, isFree, isPull), to: from, effects: ['pullFiles'] },
  { from, event: 'addFile', when: all(isOpen, isFree, not(isPull)), to: from },
  { from, event: 'removeFile', when: isOpen, to: from },
  { from, event: 'startFile', when: awaited, to: from },
  { from, event: 'completeFile', when: all(awaited, bringsPulls), to: from, effects: ['pullFiles'] },
  {
    from,
    event: 'completeFile',
    when: all(awaited, not(bringsPulls), isLast),
    to: from,
    effects: ['storeItem'],
  },
  { from, event: 'completeFile', when: all(awaited, not(bringsPulls), not(isLast)), to: from },
  { from, event: 'failFile', when: all(awaited, isLast), to: from, effects: ['storeItem'] },
  { from, event: 'failFile', when: all(awaited, not(isLast)), to: from },
  { from, event: 'complete', when: all(isOpen, allOver), to: from, effects: ['storeItem'] },
  { from, event: 'complete', when: all(isOpen, allSent, not(allOver)), to: from },
  { from, event: 'finish', to: 'DONE' },
  { from, event: 'reportProgress', to: from },
  { from, event: 'cancel', to: 'CANCELED', effects: ['releaseFiles'] },
  { from, event: 'fail', to: 'ERROR', effects: ['releaseFiles'] },
  ...UpdateSessionState.options.map((state) => ({ from: state, event: 'touch', to: state })),
];

const subject: Subject<UpdateSession, UpdateEvent> = { table, apply: applyUpdateEvent, can: canApplyUpdateEvent };

const events: readonly UpdateEvent[] = [
  { type: 'addFile', file: file('a.ovf') },
  { type: 'addFile', file: pulled('b.vmdk') },
  { type: 'startFile', name: 'a.ovf' },
  arrived('a.ovf', [named('b.vmdk')]),
  arrived('a.ovf', [pulled('c.vmdk')]),
  arrived('b.vmdk'),
  { type: 'failFile', name: 'b.vmdk', error: oops },
  { type: 'removeFile', name: 'a.ovf' },
  { type: 'complete' },
  { type: 'finish', contentVersion: 2 },
  { type: 'cancel' },
  { type: 'fail', error: oops },
];

describe('an update session', () => {
  const { state: _, ...input } = fresh;
  const paths = getShortestPaths(updateMachine, {
    input,
    events,
    filterEvents: (snapshot, event) => snapshot.can(event),
    limit: maxSteps,
  }).map(
    ({ state, steps }): Path<UpdateSession, UpdateEvent> => ({
      events: steps.slice(1).map((step) => step.event), // the first is xstate's own init
      end: { ...state.context, state: state.value },
    }),
  );
  const foreign: readonly UpdateEvent[] = [
    { type: 'startFile', name: '__proto__' },
    { type: 'reportProgress', percent: 4 },
    { type: 'touch', expiresAt: 2000 },
  ];
  replay(subject, { fresh, paths, eventsOf: () => [...events, ...foreign] });

  test('passes every state, and no other', () => {
    expect(new Set(paths.map(({ end }) => end.state))).toEqual(new Set(UpdateSessionState.options));
  });
});

const after = (...steps: readonly UpdateEvent[]): UpdateSession =>
  steps.reduce((session, event) => applyUpdateEvent(session, event).session, fresh);

test('a descriptor lists the files it names, and what the client announces takes their place', () => {
  const session = after({ type: 'addFile', file: file('a.ovf') }, arrived('a.ovf', [named('b.vmdk')]), {
    type: 'addFile',
    file: file('b.vmdk', { size: 9 }),
  });
  expect(session.files.map(({ name, sourceType, status }) => [name, sourceType, status])).toEqual([
    ['a.ovf', 'PUSH', 'READY'],
    ['b.vmdk', 'PUSH', 'WAITING_FOR_TRANSFER'],
  ]);
});

test('a file that the session does not have is taken from the item, until it is announced anew', () => {
  const session = after({ type: 'removeFile', name: 'old.vmdk' });
  expect(session.removed).toEqual(['old.vmdk']);
  expect(applyUpdateEvent(session, { type: 'addFile', file: file('old.vmdk') }).session.removed).toEqual([]);
});

test('after complete nothing is announced or taken back, but what is pulled still arrives', () => {
  const session = after({ type: 'addFile', file: pulled('b.vmdk') }, { type: 'complete' });
  expect(canApplyUpdateEvent(session, { type: 'addFile', file: file('x') })).toBe(false);
  expect(canApplyUpdateEvent(session, { type: 'removeFile', name: 'b.vmdk' })).toBe(false);
  expect(applyUpdateEvent(session, arrived('b.vmdk')).effects).toEqual([{ type: 'storeItem' }]);
});

test('a restart goes on with pulls, then with the end that was asked for, and releases what failed', () => {
  const effects = (session: UpdateSession) => updateEffectsOf(session).map(({ type }) => type);
  expect(effects(fresh)).toEqual([]);
  expect(effects(after({ type: 'addFile', file: pulled('b') }, { type: 'complete' }))).toEqual(['pullFiles']);
  expect(effects(after({ type: 'addFile', file: pulled('b') }, arrived('b'), { type: 'complete' }))).toEqual([
    'storeItem',
  ]);
  expect(effects({ ...fresh, state: 'DONE' })).toEqual([]);
  expect(effects({ ...fresh, state: 'CANCELED' })).toEqual(['releaseFiles']);
  expect(effects({ ...fresh, state: 'ERROR' })).toEqual(['releaseFiles']);
});
