import { type ContentLibraryServices, SessionError } from '@ovfkit/domain';
import type { SessionApi } from '@ovfkit/rest';
import { describe, expect, test } from 'vitest';
import { chooseRung } from '../../src/target/ladder.ts';

const { signal } = new AbortController();

interface Facts {
  readonly sessionApi?: SessionApi;
  readonly libraries?: readonly string[] | SessionError;
}

function rest({ sessionApi = 'missing', libraries }: Facts) {
  const list = async (): Promise<readonly string[]> => {
    if (libraries instanceof SessionError) throw libraries;
    return libraries ?? [];
  };
  // the only part of the service that is looked at
  const contentLibrary = { localLibrary: { list } } as unknown as ContentLibraryServices;
  return { about: { sessionApi }, features: { contentLibrary: libraries !== undefined }, contentLibrary };
}

describe('the way into a target', () => {
  test.each([
    ['its sessions, where it has them', rest({ sessionApi: 'present', libraries: ['l'] }), 'session'],
    ['its content library, where it has no sessions', rest({ libraries: ['l'] }), 'library'],
    ['a lease, where its content library is no local one', rest({ libraries: [] }), 'lease'],
    ['a lease, where it has no content library', rest({}), 'lease'],
    ['a lease, where it has no REST API', undefined, 'lease'],
    [
      'a lease, where its libraries are not for this user',
      rest({ libraries: new SessionError('UNAUTHORIZED', 'not for you') }),
      'lease',
    ],
  ])('is %s', async (_, facts, via) => {
    expect(await chooseRung(facts, { signal })).toMatchObject({ via, why: expect.stringMatching(/target/) });
  });

  test('is the content library for what it has itself, even if no package could pass through it', async () => {
    expect(await chooseRung(rest({ libraries: [] }), { signal, need: 'item' })).toMatchObject({ via: 'library' });
    expect(await chooseRung(rest({}), { signal, need: 'item' })).toMatchObject({ via: 'lease' });
    const sessions = rest({ sessionApi: 'present', libraries: [] });
    expect(await chooseRung(sessions, { signal, need: 'item' })).toMatchObject({ via: 'session' });
  });

  test.each([
    ['forbidden', 'targetRefused'],
    ['unknown', 'network'],
  ] as const)('is not gone around when the session API is %s', async (sessionApi, exitClass) => {
    await expect(chooseRung(rest({ sessionApi, libraries: ['l'] }), { signal })).rejects.toMatchObject({ exitClass });
  });

  test('is not taken for absent when the library does not answer', async () => {
    const libraries = new SessionError('SERVICE_UNAVAILABLE', 'later');
    await expect(chooseRung(rest({ libraries }), { signal })).rejects.toBe(libraries);
  });
});
