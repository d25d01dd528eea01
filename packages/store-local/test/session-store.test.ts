import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sampleImportSession } from '@ovfkit/conformance';
import type { SessionError } from '@ovfkit/domain';
import { expect, test } from 'vitest';
import { openLocalStore } from '../src/index.ts';
import { openStore, tempFolder } from './support/temp-folder.ts';

/** A store with the sessions a, b and c, of which b holds `document`. */
async function damagedStore(document: string, onDamage?: (error: SessionError) => void) {
  const folder = await tempFolder();
  const store = await openLocalStore(folder);
  for (const id of ['a', 'b', 'c']) await store.sessions.imports.insert(sampleImportSession({ id }));
  await store.close();
  const database = new DatabaseSync(join(folder, 'ovfkit.sqlite'));
  database.prepare("UPDATE session SET document = ? WHERE id = 'b'").run(document);
  database.close();
  return openStore(folder, onDamage === undefined ? {} : { onDamage });
}

for (const [what, document] of [
  ['no JSON', '{"id": "b", '],
  ['not a session', '{"id": "b"}'],
  ['in a state that does not exist', JSON.stringify({ ...sampleImportSession({ id: 'b' }), state: 'IMPORT_LOST' })],
] as const) {
  test(`a stored session that is ${what} is refused by name, can be deleted, and holds up no other`, async () => {
    const told: string[] = [];
    const { sessions } = await damagedStore(document, (error) => told.push(error.message));
    await expect(sessions.imports.get('b')).rejects.toMatchObject({
      kind: 'INTERNAL_SERVER_ERROR',
      message: expect.stringContaining('import session b'),
    });
    expect((await sessions.imports.list({})).map(({ id }) => id)).toEqual(['a', 'c']);
    expect((await sessions.imports.expired(Number.MAX_SAFE_INTEGER)).map(({ id }) => id)).toEqual(['a', 'c']);
    expect(told).toHaveLength(2);
    await sessions.imports.delete('b');
    await expect(sessions.imports.get('b')).resolves.toBeUndefined();
  });
}

test('a second session with a known id is refused', async () => {
  const { sessions } = await openStore();
  await sessions.imports.insert(sampleImportSession({ id: 'a', clientToken: '1' }));
  await expect(sessions.imports.insert(sampleImportSession({ id: 'a', clientToken: '2' }))).rejects.toMatchObject({
    kind: 'ALREADY_EXISTS',
  });
});

test('what another process made of a session is seen, and so is its end', async () => {
  const folder = await tempFolder();
  const { sessions } = await openStore(folder);
  await sessions.imports.insert(sampleImportSession({ id: 'a' }));
  expect(await sessions.imports.get('a')).toMatchObject({ version: 1, session: { id: 'a', owner: 'alice' } });
  const database = new DatabaseSync(join(folder, 'ovfkit.sqlite'));
  const changed = JSON.stringify(sampleImportSession({ id: 'a', owner: 'bob' }));
  database.prepare('UPDATE session SET document = ?, version = 2').run(changed);
  expect(await sessions.imports.get('a')).toMatchObject({ version: 2, session: { owner: 'bob' } });
  database.prepare('DELETE FROM session').run();
  database.close();
  expect(await sessions.imports.get('a')).toBeUndefined();
});
