import { type ImportEvent, type ImportSession, ImportState, type SessionFile } from '@ovfkit/domain';
import type { Row } from './machine-paths.ts';

type When = (session: ImportSession, event: ImportEvent) => boolean;
type ImportRow = Row<ImportSession, ImportEvent>;

const nameIn = (event: ImportEvent) => ('name' in event ? event.name : undefined);
const filesIn = (session: ImportSession, event: ImportEvent) => ('files' in event ? event.files : session.files);
const isHere = ({ status }: SessionFile) => status === 'complete';

const isPush: When = ({ createSpec }) => createSpec.sourceType === 'PUSH_SOURCE';
const awaited: When = ({ files }, event) => files.some((each) => each.name === nameIn(event) && !isHere(each));
const brings =
  (types: readonly string[]): When =>
  (session, event) =>
    awaited(session, event) &&
    session.files.some(({ name, fileType }) => name === nameIn(event) && types.includes(fileType));
const bundlesLeft = (session: ImportSession, event: ImportEvent): number =>
  filesIn(session, event).filter(
    (each) =>
      (each.fileType === 'MSG_BUNDLE' || (each.fileType === 'OVA' && each.name === 'message-bundle.ova')) &&
      each.name !== nameIn(event) &&
      !isHere(each),
  ).length;
const left = (session: ImportSession, event: ImportEvent): number =>
  filesIn(session, event).filter(
    (each) => each.name !== nameIn(event) && !isHere(each) && (!each.optionalUpload || each.status === 'started'),
  ).length;
const both =
  (one: When, other: When): When =>
  (session, event) =>
    one(session, event) && other(session, event);
const not =
  (one: When): When =>
  (session, event) =>
    !one(session, event);
const inRange: When = ({ progress }, event) =>
  event.type === 'reportProgress' && event.percent >= progress && event.percent <= 100;
const bringsDescriptor = both(isPush, (session, event) =>
  session.files.some(
    (each) =>
      each.name === nameIn(event) && !isHere(each) && (each.fileType === 'OVF' || each.name === 'descriptor.ova'),
  ),
);
const bringsLastBundle: When = (session, event) =>
  brings(['MSG_BUNDLE', 'OVA'])(session, event) && bundlesLeft(session, event) === 0;
const bringsLast: When = (session, event) => awaited(session, event) && left(session, event) === 0;
const nothingLeft: When = (session, event) => left(session, event) === 0;
const needsBundles: When = (session, event) => isPush(session, event) && bundlesLeft(session, event) > 0;

export const {
  IMPORT_OVF_TRANSFER: OVF,
  IMPORT_MSG_BUNDLES_TRANSFER: BUNDLES,
  IMPORT_SELECTING_OVF_PARAMS: SELECTING,
  IMPORT_FILE_TRANSFER: FILES,
  IMPORT_INSTANTIATING: INSTANTIATING,
  IMPORT_COMPLETED: COMPLETED,
  IMPORT_ERROR: ERROR,
} = ImportState.enum;

/** Sections 10.1 and 10.2 of the contract, line by line, and what the server has to do after each line. */
export const table: readonly ImportRow[] = [
  { from: OVF, event: 'startFile', when: awaited, to: OVF },
  { from: OVF, event: 'completeFile', when: bringsDescriptor, to: OVF, effects: ['parseDescriptor'] },
  { from: OVF, event: 'completeFile', when: both(awaited, not(bringsDescriptor)), to: OVF },
  { from: OVF, event: 'readDescriptor', when: needsBundles, to: BUNDLES },
  { from: OVF, event: 'readDescriptor', when: not(needsBundles), to: SELECTING },
  { from: BUNDLES, event: 'startFile', when: awaited, to: BUNDLES },
  { from: BUNDLES, event: 'completeFile', when: bringsLastBundle, to: SELECTING },
  { from: BUNDLES, event: 'completeFile', when: both(awaited, not(bringsLastBundle)), to: BUNDLES },
  { from: SELECTING, event: 'startFile', when: awaited, to: SELECTING },
  { from: SELECTING, event: 'completeFile', when: awaited, to: SELECTING },
  { from: SELECTING, event: 'instantiate', when: nothingLeft, to: INSTANTIATING, effects: ['createEntity'] },
  { from: SELECTING, event: 'instantiate', when: both(isPush, not(nothingLeft)), to: FILES },
  {
    from: SELECTING,
    event: 'instantiate',
    when: both(not(isPush), not(nothingLeft)),
    to: FILES,
    effects: ['pullFiles'],
  },
  { from: FILES, event: 'startFile', when: awaited, to: FILES },
  { from: FILES, event: 'completeFile', when: bringsLast, to: INSTANTIATING, effects: ['createEntity'] },
  { from: FILES, event: 'completeFile', when: both(awaited, not(bringsLast)), to: FILES },
  { from: FILES, event: 'reportProgress', when: inRange, to: FILES },
  { from: INSTANTIATING, event: 'finish', to: COMPLETED },
  ...[OVF, BUNDLES, SELECTING, FILES, INSTANTIATING].map((from) => ({
    from,
    event: 'fail',
    to: ERROR,
    effects: ['releaseFiles'],
  })),
  ...ImportState.options.map((state) => ({ from: state, event: 'touch', to: state })),
];
