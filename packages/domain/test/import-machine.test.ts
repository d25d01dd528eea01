import {
  applyImportEvent,
  canApplyImportEvent,
  type ImportCreateSpec,
  type ImportEvent,
  type ImportSession,
  ImportState,
  importCanReach,
  importEffectsOf,
  importMachine,
  importStatesBetween,
  isImportOver,
  type SessionFile,
  startImport,
} from '@ovfkit/domain';
import { describe, expect, test } from 'vitest';
import { getShortestPaths } from 'xstate/graph';
import { BUNDLES, COMPLETED, ERROR, FILES, INSTANTIATING, SELECTING, table } from './support/import-table.ts';
import { closure, maxSteps, type Path, replay, rowsFor, type Subject } from './support/machine-paths.ts';
import {
  bundle,
  complete,
  descriptor,
  disk,
  file,
  importSession,
  library,
  manifest,
  oops,
  pull,
  push,
  pushArchive,
} from './support/sessions.ts';

const subject: Subject<ImportSession, ImportEvent> = { table, apply: applyImportEvent, can: canApplyImportEvent };

interface Scenario {
  readonly createSpec: ImportCreateSpec;
  /** The first state's files, and those that the descriptor adds. */
  readonly first: readonly SessionFile[];
  readonly added: readonly SessionFile[];
  /** Every state that the contract lets this kind of import pass. */
  readonly states: readonly ImportState[];
}

const archivePart = (name: string) => file(name, { fileType: 'OVA' });
const straight = ImportState.options.filter((state) => state !== BUNDLES);
const scenarios: Readonly<Record<string, Scenario>> = {
  'a push without bundles': { createSpec: push, first: [descriptor], added: [disk], states: straight },
  'a push with a bundle': { createSpec: push, first: [descriptor], added: [bundle, disk], states: ImportState.options },
  'a push with a manifest': { createSpec: push, first: [descriptor], added: [disk, manifest], states: straight },
  'a push of an archive': {
    createSpec: pushArchive,
    first: [archivePart('descriptor.ova')],
    added: [archivePart('message-bundle.ova'), archivePart('disk-content.ova')],
    states: ImportState.options,
  },
  'a pull': { createSpec: pull, first: [descriptor], added: [disk], states: straight },
  'a pull with a bundle and a manifest': {
    createSpec: pull,
    first: [descriptor],
    added: [bundle, disk, manifest],
    states: straight,
  },
  'an import of a library item': { createSpec: library, first: [descriptor], added: [disk], states: straight },
};

/** Everything that may be said to a session of this scenario, sensible or not. */
const eventsFor =
  ({ first, added }: Scenario) =>
  (files: readonly SessionFile[]): readonly ImportEvent[] => [
    ...[...first, ...added].flatMap(({ name }): ImportEvent[] => [
      { type: 'startFile', name },
      { type: 'completeFile', name, size: 7, sha256: 'aa' },
    ]),
    { type: 'readDescriptor', files: [...first.map(complete), ...added], warnings: [], information: [] },
    { type: 'instantiate', parameters: [], files },
    { type: 'reportProgress', percent: 40 },
    { type: 'finish', vmId: 'vm-101' },
    { type: 'fail', errors: [oops] },
  ];

/** What no path needs: names and numbers from nowhere, the last percent, and a touch. */
const foreign: readonly ImportEvent[] = [
  { type: 'startFile', name: 'nobody.asked' },
  { type: 'completeFile', name: 'nobody.asked', size: 1, sha256: '' },
  { type: 'reportProgress', percent: 100 },
  { type: 'reportProgress', percent: 101 },
  { type: 'reportProgress', percent: -1 },
  { type: 'reportProgress', percent: Number.NaN },
  { type: 'touch', expiresAt: 2000 },
];

describe.each(Object.entries(scenarios))('%s', (_, scenario) => {
  const fresh = importSession(scenario.createSpec, scenario.first);
  const { state: __, ...input } = fresh;
  const eventsOf = eventsFor(scenario);
  const paths = getShortestPaths(importMachine, {
    input,
    events: (snapshot) => eventsOf(snapshot.context.files),
    filterEvents: (snapshot, event) => snapshot.can(event),
    limit: maxSteps,
  }).map(
    ({ state, steps }): Path<ImportSession, ImportEvent> => ({
      events: steps.slice(1).map((step) => step.event), // the first is xstate's own init
      end: { ...state.context, state: state.value },
    }),
  );
  replay(subject, {
    fresh,
    paths,
    eventsOf: (session) => [...eventsOf(session.files), ...foreign],
  });

  test('passes every state the contract gives it, and no other', () => {
    expect(new Set(paths.map(({ end }) => end.state))).toEqual(new Set(scenario.states));
  });

  test('takes up in each state exactly what a restart interrupted', () => {
    for (const { events, end } of paths) {
      expect(importEffectsOf(end).map(({ type }) => type)).toEqual(pending(fresh, events));
    }
  });
});

/** The effects asked for last, unless what they were for has happened since. */
function pending(fresh: ImportSession, events: readonly ImportEvent[]): readonly string[] {
  let session = fresh;
  let effects: readonly string[] = fresh.createSpec.sourceType === 'PUSH_SOURCE' ? [] : ['pullDescriptor'];
  for (const event of events) {
    const row = rowsFor(table, session, event)[0];
    effects = row?.effects ?? (row?.to === session.state ? effects : []);
    session = applyImportEvent(session, event).session;
  }
  return effects;
}

test('the states of the machine are those of the API', () => {
  expect(Object.keys(importMachine.states).sort()).toEqual([...ImportState.options].sort());
});

test('an import begins by fetching its descriptor when it pulls, and by waiting when it is pushed', () => {
  for (const createSpec of [pull, library]) {
    const { state: _, ...input } = importSession(createSpec, [descriptor]);
    expect(startImport(input)).toEqual({
      session: importSession(createSpec, [descriptor]),
      effects: [{ type: 'pullDescriptor' }],
    });
  }
  const { state: _, ...input } = importSession(push, [descriptor]);
  expect(startImport(input)).toEqual({ session: importSession(push, [descriptor]), effects: [] });
});

describe('what one event leaves in the session', () => {
  const selecting: ImportSession = { ...importSession(push, [complete(descriptor), disk]), state: SELECTING };

  test('the choice and its files are kept by instantiate', () => {
    const parameters = [{ type: 'EulaParams' as const, allEulaAccepted: true }];
    const { session } = applyImportEvent(selecting, { type: 'instantiate', parameters, files: [complete(descriptor)] });
    expect(session).toMatchObject({ state: INSTANTIATING, parameters, files: [complete(descriptor)] });
  });

  test('a completed file has its size, its digest and its warnings', () => {
    const warning = { category: 'SERVER' as const };
    const event = { type: 'completeFile' as const, name: disk.name, size: 9, sha256: 'bb', warnings: [warning] };
    const { session } = applyImportEvent(selecting, event);
    expect(session.files[1]).toEqual({ ...disk, status: 'complete', size: 9, bytesTransferred: 9, sha256: 'bb' });
    expect(session.warnings).toEqual([warning]);
  });

  test('a part of an archive brings its members, the later one of a name stays', () => {
    const member = { name: 'a.vmdk', fileType: 'DISK' as const, blob: 'k1', size: 1, sha256: 'aa' };
    const again = { ...member, blob: 'k2' };
    const files = [file('descriptor.ova', { fileType: 'OVA' }), file('disk-content.ova', { fileType: 'OVA' })];
    const steps = files.map(
      ({ name }, at): ImportEvent => ({
        type: 'completeFile',
        name,
        size: 1,
        sha256: '',
        members: [at ? again : member],
      }),
    );
    const before: ImportSession = { ...importSession(pushArchive, files), state: SELECTING };
    const end = steps.reduce((session, event) => applyImportEvent(session, event).session, before);
    expect(end.members).toEqual([again]);
  });

  test('the validator of a pulled file is kept while it is under way and dropped by a start without one', () => {
    const started = applyImportEvent(selecting, { type: 'startFile', name: disk.name, etag: '"v1"' }).session;
    expect(started.files[1]).toEqual({ ...disk, status: 'started', etag: '"v1"' });
    expect(applyImportEvent(started, { type: 'startFile', name: disk.name }).session.files[1]).toEqual({
      ...disk,
      status: 'started',
    });
  });

  test('the result has exactly the id that was made, and progress 100', () => {
    const instantiating: ImportSession = { ...selecting, state: INSTANTIATING };
    const { session } = applyImportEvent(instantiating, { type: 'finish', vappId: 'resgroup-v55' });
    expect(session).toMatchObject({ state: COMPLETED, progress: 100, vappId: 'resgroup-v55' });
    expect(session).not.toHaveProperty('vmId');
  });

  test('a failure adds its errors to those before', () => {
    expect(applyImportEvent({ ...selecting, errors: [oops] }, { type: 'fail', errors: [oops] }).session.errors).toEqual(
      [oops, oops],
    );
  });

  test('a touch moves the expiry and nothing else', () => {
    expect(applyImportEvent(selecting, { type: 'touch', expiresAt: 2000 }).session).toEqual({
      ...selecting,
      expiresAt: 2000,
    });
  });
});

describe('names from hostile packages', () => {
  const named = (...names: readonly string[]): ImportSession => ({
    ...importSession(
      push,
      names.map((name) => file(name)),
    ),
    state: FILES,
  });

  test.each(['__proto__', 'constructor', 'toString', '', '../../etc/passwd', 'a\u0000b', 'é', 'é'])(
    'a file called %j is a file like any other',
    (name) => {
      const before = named(name, 'other.vmdk');
      const started = applyImportEvent(before, { type: 'startFile', name }).session;
      expect(started.files.map(({ status }) => status)).toEqual(['started', 'waiting']);
      const ended = applyImportEvent(started, { type: 'completeFile', name, size: 1, sha256: '' });
      expect(ended.session.state).toBe(FILES);
      expect(
        applyImportEvent(ended.session, { type: 'completeFile', name: 'other.vmdk', size: 1, sha256: '' }).session
          .state,
      ).toBe(INSTANTIATING);
    },
  );

  test('two entries of one name complete together, so none is waited for forever', () => {
    const { session } = applyImportEvent(named('a', 'a'), { type: 'completeFile', name: 'a', size: 1, sha256: '' });
    expect(session.state).toBe(INSTANTIATING);
  });

  test('a disk that is called like a part of an archive is a disk', () => {
    const files = [complete(descriptor), file('message-bundle.ova'), file('descriptor.ova')];
    const read = { type: 'readDescriptor', files, warnings: [], information: [] } as const;
    expect(applyImportEvent(importSession(push, [descriptor]), read).session.state).toBe(SELECTING);
  });
});

test('a state can be seen after another exactly when the table leads there', () => {
  for (const from of ImportState.options) {
    const after = closure(table, from);
    for (const to of ImportState.options) expect(importCanReach(from, to), `${from} to ${to}`).toBe(after.has(to));
  }
});

test('an import is over in its two last states', () => {
  expect(ImportState.options.filter(isImportOver)).toEqual([COMPLETED, ERROR]);
  expect(isImportOver('SOMETHING_NEW')).toBe(false);
});

describe('states between two polls', () => {
  test.each([
    ['IMPORT_FILE_TRANSFER', 'IMPORT_COMPLETED', ['IMPORT_INSTANTIATING']],
    ['IMPORT_OVF_TRANSFER', 'IMPORT_COMPLETED', ['IMPORT_SELECTING_OVF_PARAMS', 'IMPORT_INSTANTIATING']],
    ['IMPORT_OVF_TRANSFER', 'IMPORT_SELECTING_OVF_PARAMS', []],
    ['IMPORT_OVF_TRANSFER', 'IMPORT_ERROR', []],
    ['IMPORT_COMPLETED', 'IMPORT_OVF_TRANSFER', []],
    ['IMPORT_INSTANTIATING', 'IMPORT_INSTANTIATING', []],
  ] as const)('from %s to %s are the ones no way avoids', (from, to, between) => {
    expect(importStatesBetween(from, to)).toEqual(between);
  });
});
