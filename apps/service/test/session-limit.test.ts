import { sampleImportSession } from '@ovfkit/conformance';
import { openLocalStore } from '@ovfkit/store-local';
import { expect, onTestFinished, test } from 'vitest';
import { limitSessions } from '../src/session-limit.ts';
import { temporaryFolder } from './support/process.ts';

async function openSessions() {
  const store = await openLocalStore(await temporaryFolder());
  onTestFinished(() => store.close());
  return store.sessions;
}
const session = (id: string, owner = 'ann') => sampleImportSession({ id, owner, clientToken: `token ${id}` });

test('a user may have so many sessions, and another after one of them is deleted', async () => {
  const { imports } = limitSessions(await openSessions(), 2);
  await imports.insert(session('a'));
  await imports.insert(session('b'));
  await expect(imports.insert(session('c'))).rejects.toMatchObject({ kind: 'UNABLE_TO_ALLOCATE_RESOURCE' });
  await imports.insert(session('d', 'bob'));
  await imports.delete('a');
  await imports.insert(session('c'));
  await expect(imports.insert(session('e'))).rejects.toMatchObject({ kind: 'UNABLE_TO_ALLOCATE_RESOURCE' });
});

test('the same request again gives the same session, even at the limit', async () => {
  const { imports } = limitSessions(await openSessions(), 1);
  await imports.insert(session('a'));
  const again = await imports.insert({ ...session('b'), clientToken: 'token a' });
  expect(again.session.id).toBe('a');
});

test('sessions of an earlier run count', async () => {
  const store = await openSessions();
  await store.imports.insert(session('a'));
  await expect(limitSessions(store, 1).imports.insert(session('b'))).rejects.toMatchObject({
    kind: 'UNABLE_TO_ALLOCATE_RESOURCE',
  });
});
