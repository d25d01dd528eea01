import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sampleImportSession, sampleProbeSession } from '@ovfkit/conformance';
import type { ImportSession, SessionFile, SessionMember } from '@ovfkit/domain';
import { expect, test } from 'vitest';
import { openDatabase } from '../src/database.ts';
import { openLocalStore } from '../src/index.ts';
import { migrations } from '../src/migrations.ts';
import { openStore, tempFolder } from './support/temp-folder.ts';

const fileOf = (name: string, status: SessionFile['status'] = 'waiting'): SessionFile => ({
  ...{ name, fileType: 'DISK', optionalUpload: false, status },
  ...{ size: 7, bytesTransferred: status === 'complete' ? 7 : 0, sha256: '' },
});

const memberOf = (name: string): SessionMember => ({
  name,
  fileType: 'DISK',
  blob: `b/${name}`,
  size: 7,
  sha256: 'ab',
});

const named = (...names: readonly string[]): ImportSession => ({
  ...sampleImportSession({ id: 'a' }),
  files: names.map((name) => fileOf(name)),
  members: names.map(memberOf),
});

/** What another opening of the folder reads. */
async function reopened(folder: string) {
  const store = await openLocalStore(folder);
  try {
    return (await store.sessions.imports.get('a'))?.session;
  } finally {
    await store.close();
  }
}

for (const [what, change] of [
  ['with an entry that changed', ({ files, ...rest }) => ({ ...rest, files: files.with(1, fileOf('2', 'complete')) })],
  ['with a longer list', ({ files, ...rest }) => ({ ...rest, files: [...files, fileOf('4')] })],
  ['with a shorter list', ({ files, ...rest }) => ({ ...rest, files: files.slice(1) })],
  ['with an empty list', (session) => ({ ...session, files: [] })],
  ['without a list', ({ members: _, ...rest }) => rest],
  ['with lists that nobody saw before', () => named('x', 'y')],
] satisfies readonly (readonly [string, (session: ImportSession) => ImportSession])[]) {
  test(`a session ${what} is read as it was written, by who wrote it and after it`, async () => {
    const folder = await tempFolder();
    const store = await openLocalStore(folder);
    const { session, version } = await store.sessions.imports.insert(named('1', '2', '3'));
    const changed = change(session);
    await store.sessions.imports.replace(changed, version);
    expect(await store.sessions.imports.get('a')).toEqual({ session: changed, version: version + 1 });
    await store.close();
    expect(await reopened(folder)).toEqual(changed);
  });
}

test('of a list only the entries that changed are written', async () => {
  const folder = await tempFolder();
  const { sessions } = await openStore(folder);
  const { session, version } = await sessions.imports.insert(named('1', '2'));
  const database = new DatabaseSync(join(folder, 'ovfkit.sqlite'));
  const mark = "UPDATE session_entry SET document = json_set(document, '$.url', 'mark')";
  database.exec(mark);
  database.close();
  await sessions.imports.replace({ ...session, files: session.files.with(0, fileOf('1', 'complete')) }, version);
  const other = new DatabaseSync(join(folder, 'ovfkit.sqlite'));
  const rows = other.prepare("SELECT document FROM session_entry WHERE list = 'files' ORDER BY position").all();
  other.close();
  expect(rows.map(({ document }) => JSON.parse(String(document)))).toEqual([
    fileOf('1', 'complete'),
    { ...fileOf('2'), url: 'mark' },
  ]);
});

test('a session whose version another process raised is written whole', async () => {
  const folder = await tempFolder();
  const { sessions } = await openStore(folder);
  const { session } = await sessions.imports.insert(named('1', '2'));
  const database = new DatabaseSync(join(folder, 'ovfkit.sqlite'));
  database.exec('UPDATE session SET version = 2; DELETE FROM session_entry WHERE position = 0');
  database.close();
  await sessions.imports.replace(session, 2);
  const other = new DatabaseSync(join(folder, 'ovfkit.sqlite'));
  expect(other.prepare('SELECT count(*) AS count FROM session_entry').get()).toEqual({ count: 4 });
  other.close();
});

test('an entry that is damaged makes its session a damaged one, which can be deleted', async () => {
  const folder = await tempFolder();
  const store = await openLocalStore(folder);
  await store.sessions.imports.insert(named('1'));
  await store.close();
  const database = new DatabaseSync(join(folder, 'ovfkit.sqlite'));
  database.exec(`UPDATE session_entry SET document = '{"name'`);
  database.close();
  const { sessions } = await openStore(folder);
  await expect(sessions.imports.get('a')).rejects.toMatchObject({ kind: 'INTERNAL_SERVER_ERROR' });
  await sessions.imports.delete('a');
  await expect(sessions.imports.get('a')).resolves.toBeUndefined();
});

test('the entries of a session go with it', async () => {
  const folder = await tempFolder();
  const { sessions } = await openStore(folder);
  await sessions.imports.insert(named('1', '2'));
  await sessions.imports.delete('a');
  const database = new DatabaseSync(join(folder, 'ovfkit.sqlite'));
  expect(database.prepare('SELECT count(*) AS count FROM session_entry').get()).toEqual({ count: 0 });
  database.close();
});

test('sessions of a store from before, whose documents held their lists, are read as they were; a damaged one stays damaged', async () => {
  const folder = await tempFolder();
  const sessions = { import: named('1', '2'), probe: sampleProbeSession({ id: 'p' }) };
  const step = migrations.findIndex((sql) => sql.includes('CREATE TABLE session_entry'));
  const database = openDatabase(join(folder, 'ovfkit.sqlite'), migrations.slice(0, step));
  const insert = 'INSERT INTO session VALUES (?, ?, ?, ?, 1, ?, ?, ?)';
  for (const [kind, { id, owner, clientToken, createdAt, expiresAt, ...rest }] of Object.entries(sessions)) {
    const document = JSON.stringify({ id, owner, clientToken, createdAt, expiresAt, ...rest });
    database.run(insert, kind, id, owner, clientToken, createdAt, expiresAt, document);
  }
  database.run(insert, 'import', 'broken', 'alice', 't', 1, 2, '{"files": [');
  database.close();
  const store = await openStore(folder);
  expect((await store.sessions.imports.get('a'))?.session).toEqual(sessions.import);
  expect((await store.sessions.probes.get('p'))?.session).toEqual(sessions.probe);
  await expect(store.sessions.imports.get('broken')).rejects.toMatchObject({ kind: 'INTERNAL_SERVER_ERROR' });
});
