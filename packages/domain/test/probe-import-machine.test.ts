import {
  applyProbeEvent,
  canApplyProbeEvent,
  type ImportCreateSpec,
  type ProbeEvent,
  type ProbeImportSession,
  ProbeState,
  probeCanReach,
  probeEffectsOf,
  probeMachine,
  type SessionFile,
} from '@ovfkit/domain';
import { describe, expect, test } from 'vitest';
import { getShortestPaths } from 'xstate/graph';
import { closure, maxSteps, type Path, type Row, replay, type Subject } from './support/machine-paths.ts';
import {
  bundle,
  complete,
  descriptor,
  file,
  library,
  manifest,
  oops,
  probeSession,
  pull,
  push,
  pushArchive,
} from './support/sessions.ts';

type When = (session: ProbeImportSession, event: ProbeEvent) => boolean;

const nameIn = (event: ProbeEvent) => ('name' in event ? event.name : undefined);
const isPush: When = ({ createSpec }) => createSpec.sourceType === 'PUSH_SOURCE';
const awaited: When = ({ files }, event) =>
  files.some(({ name, status }) => name === nameIn(event) && status !== 'complete');
const bringsDescriptor: When = (session, event) =>
  isPush(session, event) &&
  awaited(session, event) &&
  ['descriptor.ovf', 'descriptor.ova'].includes(String(nameIn(event)));
const isBundle = ({ name, fileType }: SessionFile) =>
  fileType === 'MSG_BUNDLE' || (fileType === 'OVA' && name === 'message-bundle.ova');
const bundlesLeft: When = (session, event) =>
  ('files' in event ? event.files : session.files).some(
    (each) => isBundle(each) && each.status !== 'complete' && each.name !== nameIn(event),
  );
const needsBundles: When = (session, event) => isPush(session, event) && bundlesLeft(session, event);
const bringsLastBundle: When = (session, event) =>
  awaited(session, event) &&
  session.files.some((each) => isBundle(each) && each.name === nameIn(event)) &&
  !bundlesLeft(session, event);

const {
  PROBE_IMPORT_OVF_TRANSFER: OVF,
  PROBE_IMPORT_MSG_BUNDLES_TRANSFER: BUNDLES,
  PROBE_IMPORT_SELECTING_OVF_PARAMS: SELECTING,
  PROBE_IMPORT_ERROR: ERROR,
} = ProbeState.enum;

/** Section 10.4 of the contract: the import states of like name, and no further. */
const table: readonly Row<ProbeImportSession, ProbeEvent>[] = [
  ...[OVF, BUNDLES, SELECTING].map((state) => ({ from: state, event: 'startFile', when: awaited, to: state })),
  { from: OVF, event: 'completeFile', when: bringsDescriptor, to: OVF, effects: ['parseDescriptor'] },
  { from: OVF, event: 'completeFile', when: (s, e) => awaited(s, e) && !bringsDescriptor(s, e), to: OVF },
  { from: OVF, event: 'readDescriptor', when: needsBundles, to: BUNDLES },
  { from: OVF, event: 'readDescriptor', when: (s, e) => !needsBundles(s, e), to: SELECTING },
  { from: BUNDLES, event: 'completeFile', when: bringsLastBundle, to: SELECTING },
  { from: BUNDLES, event: 'completeFile', when: (s, e) => awaited(s, e) && !bringsLastBundle(s, e), to: BUNDLES },
  { from: SELECTING, event: 'completeFile', when: awaited, to: SELECTING },
  ...[OVF, BUNDLES, SELECTING].map((from) => ({ from, event: 'fail', to: ERROR, effects: ['releaseFiles'] })),
  ...ProbeState.options.map((state) => ({ from: state, event: 'touch', to: state })),
];

const subject: Subject<ProbeImportSession, ProbeEvent> = { table, apply: applyProbeEvent, can: canApplyProbeEvent };

interface Scenario {
  readonly createSpec: ImportCreateSpec;
  readonly first: SessionFile;
  readonly added: readonly SessionFile[];
  readonly states: readonly ProbeState[];
}

const straight = [OVF, SELECTING, ERROR];
const scenarios: Readonly<Record<string, Scenario>> = {
  'a pushed probe without bundles': { createSpec: push, first: descriptor, added: [manifest], states: straight },
  'a pushed probe with bundles': {
    createSpec: push,
    first: descriptor,
    added: [bundle, file('de.msg', { fileType: 'MSG_BUNDLE' }), manifest],
    states: ProbeState.options,
  },
  'a pushed probe of an archive': {
    createSpec: pushArchive,
    first: file('descriptor.ova', { fileType: 'OVA' }),
    added: [file('message-bundle.ova', { fileType: 'OVA' })],
    states: ProbeState.options,
  },
  'a pulled probe': { createSpec: pull, first: descriptor, added: [bundle], states: straight },
  'a probe of a library item': { createSpec: library, first: descriptor, added: [bundle], states: straight },
};

describe.each(Object.entries(scenarios))('%s', (_, { createSpec, first, added, states }) => {
  const fresh = probeSession(createSpec, [first]);
  const { state: __, ...input } = fresh;
  const events: readonly ProbeEvent[] = [
    ...[first, ...added].flatMap(({ name }): ProbeEvent[] => [
      { type: 'startFile', name },
      { type: 'completeFile', name, size: 7, sha256: 'aa' },
    ]),
    { type: 'readDescriptor', files: [complete(first), ...added], warnings: [], information: [] },
    { type: 'fail', errors: [oops] },
  ];
  const paths = getShortestPaths(probeMachine, {
    input,
    events,
    filterEvents: (snapshot, event) => snapshot.can(event),
    limit: maxSteps,
  }).map(
    ({ state, steps }): Path<ProbeImportSession, ProbeEvent> => ({
      events: steps.slice(1).map((step) => step.event), // the first is xstate's own init
      end: { ...state.context, state: state.value },
    }),
  );
  const foreign: readonly ProbeEvent[] = [
    { type: 'startFile', name: '__proto__' },
    { type: 'completeFile', name: '__proto__', size: 1, sha256: '' },
    { type: 'touch', expiresAt: 2000 },
  ];
  replay(subject, { fresh, paths, eventsOf: () => [...events, ...foreign] });

  test('passes every state the contract gives it, and no other', () => {
    expect(new Set(paths.map(({ end }) => end.state))).toEqual(new Set(states));
  });
});

test('the states of the machine are those of the API', () => {
  expect(Object.keys(probeMachine.states).sort()).toEqual([...ProbeState.options].sort());
});

test('a restart fetches or parses a descriptor again, or releases, and leaves the rest alone', () => {
  const effects = (createSpec: ImportCreateSpec, files: readonly SessionFile[]) =>
    ProbeState.options.map((state) =>
      probeEffectsOf({ ...probeSession(createSpec, files), state }).map(({ type }) => type),
    );
  expect(effects(pull, [descriptor])).toEqual([['pullDescriptor'], [], [], ['releaseFiles']]);
  expect(effects(push, [descriptor])).toEqual([[], [], [], ['releaseFiles']]);
  expect(effects(push, [complete(descriptor)])).toEqual([['parseDescriptor'], [], [], ['releaseFiles']]);
});

test('a state can be seen after another exactly when the table leads there', () => {
  for (const from of ProbeState.options) {
    const after = closure(table, from);
    for (const to of ProbeState.options) expect(probeCanReach(from, to), `${from} to ${to}`).toBe(after.has(to));
  }
});
