import assert from 'node:assert/strict';
import type { SessionStore, SessionTable } from '@ovfkit/domain';
import type { Case } from './case.ts';
import { leaseCases } from './lease-cases.ts';
import {
  type SampleOptions,
  sampleDownloadSession,
  sampleExportSession,
  sampleImportSession,
  sampleProbeSession,
  sampleUpdateSession,
} from './sample-session.ts';

interface Kept {
  readonly id: string;
  readonly expiresAt: number;
}

interface Kind<Session> {
  readonly kind: string;
  readonly table: (store: SessionStore) => SessionTable<Session>;
  readonly sample: (options: SampleOptions) => Session;
}

const idsOf = (sessions: readonly Kept[]): readonly string[] => sessions.map((session) => session.id);

function insertCases<Session extends Kept>({ kind, table, sample }: Kind<Session>): readonly Case<SessionStore>[] {
  return [
    {
      name: `${kind}: a session comes back with every field as it was inserted`,
      async run(make) {
        const sessions = table(await make());
        const session = sample({ id: 'a' });
        const { version } = await sessions.insert(session);
        assert.deepEqual(await sessions.get('a'), { session, version });
      },
    },
    {
      name: `${kind}: an unknown id gives nothing`,
      async run(make) {
        assert.equal(await table(await make()).get('a'), undefined);
      },
    },
    {
      name: `${kind}: a second session of one owner and client token is not kept, the first is given`,
      async run(make) {
        const sessions = table(await make());
        const first = await sessions.insert(sample({ id: 'a', clientToken: 't' }));
        assert.deepEqual(await sessions.insert(sample({ id: 'b', clientToken: 't' })), first);
        assert.equal(await sessions.get('b'), undefined);
      },
    },
    {
      name: `${kind}: of several inserts of one token at once exactly one is kept, and all are given it`,
      async run(make) {
        const sessions = table(await make());
        const samples = ['a', 'b', 'c', 'd'].map((id) => sample({ id, clientToken: 't' }));
        const given = await Promise.all(samples.map(async (session) => sessions.insert(session)));
        assert.equal(new Set(given.map(({ session }) => session.id)).size, 1);
        assert.equal((await sessions.list({})).length, 1);
      },
    },
    {
      name: `${kind}: two owners may use one client token`,
      async run(make) {
        const sessions = table(await make());
        await sessions.insert(sample({ id: 'a', owner: 'alice', clientToken: 't' }));
        await sessions.insert(sample({ id: 'b', owner: 'bob', clientToken: 't' }));
        assert.equal((await sessions.get('b'))?.session.id, 'b');
      },
    },
    {
      name: `${kind}: a deleted session is gone, deleting it again is no error, and its token is free`,
      async run(make) {
        const sessions = table(await make());
        await sessions.insert(sample({ id: 'a', clientToken: 't' }));
        await sessions.delete('a');
        await sessions.delete('a');
        assert.equal(await sessions.get('a'), undefined);
        const { session } = await sessions.insert(sample({ id: 'b', clientToken: 't' }));
        assert.equal(session.id, 'b');
      },
    },
  ];
}

function replaceCases<Session extends Kept>({ kind, table, sample }: Kind<Session>): readonly Case<SessionStore>[] {
  return [
    {
      name: `${kind}: a replaced session comes back changed, its version one higher`,
      async run(make) {
        const sessions = table(await make());
        const { version } = await sessions.insert(sample({ id: 'a' }));
        const changed = sample({ id: 'a', expiresAt: 9000 });
        assert.deepEqual(await sessions.replace(changed, version), { session: changed, version: version + 1 });
        assert.deepEqual(await sessions.get('a'), { session: changed, version: version + 1 });
      },
    },
    {
      name: `${kind}: a change that is passing is there as any other, and so is the one after it`,
      async run(make) {
        const sessions = table(await make());
        const { version } = await sessions.insert(sample({ id: 'a' }));
        const passing = await sessions.replace(sample({ id: 'a', expiresAt: 3000 }), version, 'passing');
        assert.deepEqual(await sessions.get('a'), passing);
        await assert.rejects(sessions.replace(passing.session, version, 'passing'), { kind: 'CONCURRENT_CHANGE' });
        const lasting = await sessions.replace(sample({ id: 'a', expiresAt: 4000 }), passing.version);
        assert.deepEqual(await sessions.get('a'), lasting);
      },
    },
    {
      name: `${kind}: a replace at an old version is refused and changes nothing`,
      async run(make) {
        const sessions = table(await make());
        const { version } = await sessions.insert(sample({ id: 'a' }));
        const second = await sessions.replace(sample({ id: 'a', expiresAt: 3000 }), version);
        await assert.rejects(sessions.replace(sample({ id: 'a', expiresAt: 4000 }), version), {
          kind: 'CONCURRENT_CHANGE',
        });
        assert.deepEqual(await sessions.get('a'), second);
      },
    },
    {
      name: `${kind}: of several replaces at one version exactly one succeeds`,
      async run(make) {
        const sessions = table(await make());
        const { version } = await sessions.insert(sample({ id: 'a' }));
        const tries = [3000, 4000, 5000].map(async (expiresAt) =>
          sessions.replace(sample({ id: 'a', expiresAt }), version),
        );
        const results = await Promise.allSettled(tries);
        assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1);
      },
    },
    {
      name: `${kind}: a session that is not there cannot be replaced`,
      async run(make) {
        const sessions = table(await make());
        await assert.rejects(sessions.replace(sample({ id: 'a' }), 1), { kind: 'NOT_FOUND' });
        assert.equal(await sessions.get('a'), undefined);
      },
    },
  ];
}

function prolongCases<Session extends Kept>({ kind, table, sample }: Kind<Session>): readonly Case<SessionStore>[] {
  return [
    {
      name: `${kind}: a session that is prolonged lives until then, and is what it was otherwise`,
      async run(make) {
        const sessions = table(await make());
        const { version } = await sessions.insert(sample({ id: 'a', expiresAt: 10 }));
        await sessions.get('a');
        await sessions.prolong('a', 5000);
        const session = sample({ id: 'a', expiresAt: 5000 });
        assert.deepEqual(await sessions.get('a'), { session, version });
        assert.deepEqual(await sessions.list({}), [session]);
        assert.deepEqual(await sessions.expired(1000), []);
        assert.deepEqual(await sessions.expired(6000), [session]);
      },
    },
    {
      name: `${kind}: no session ends sooner for being prolonged, and one that is not there stays away`,
      async run(make) {
        const sessions = table(await make());
        const { version } = await sessions.insert(sample({ id: 'a', expiresAt: 5000 }));
        await sessions.prolong('a', 10);
        await sessions.prolong('b', 10);
        assert.deepEqual(await sessions.get('a'), { session: sample({ id: 'a', expiresAt: 5000 }), version });
        assert.equal(await sessions.get('b'), undefined);
      },
    },
    {
      name: `${kind}: a change at the version from before is kept after the session was prolonged`,
      async run(make) {
        const sessions = table(await make());
        const { version } = await sessions.insert(sample({ id: 'a', expiresAt: 10 }));
        await sessions.prolong('a', 5000);
        const changed = sample({ id: 'a', expiresAt: 9000 });
        assert.deepEqual(await sessions.replace(changed, version), { session: changed, version: version + 1 });
        assert.deepEqual(await sessions.get('a'), { session: changed, version: version + 1 });
      },
    },
  ];
}

function listCases<Session extends Kept>({ kind, table, sample }: Kind<Session>): readonly Case<SessionStore>[] {
  return [
    {
      name: `${kind}: a list holds the oldest first, whatever the order of insertion`,
      async run(make) {
        const sessions = table(await make());
        await sessions.insert(sample({ id: 'young', createdAt: 300 }));
        await sessions.insert(sample({ id: 'old', createdAt: 100 }));
        await sessions.insert(sample({ id: 'middle', createdAt: 200 }));
        assert.deepEqual(idsOf(await sessions.list({})), ['old', 'middle', 'young']);
      },
    },
    {
      name: `${kind}: a list of one owner holds no other's sessions, a list without owner holds all`,
      async run(make) {
        const sessions = table(await make());
        await sessions.insert(sample({ id: 'a', owner: 'alice', createdAt: 1 }));
        await sessions.insert(sample({ id: 'b', owner: 'bob', createdAt: 2 }));
        assert.deepEqual(idsOf(await sessions.list({ owner: 'bob' })), ['b']);
        assert.deepEqual(idsOf(await sessions.list({ owner: 'BOB' })), []);
        assert.deepEqual(idsOf(await sessions.list({})), ['a', 'b']);
      },
    },
    {
      name: `${kind}: expired are those that end before the time, not those that end at it`,
      async run(make) {
        const sessions = table(await make());
        await sessions.insert(sample({ id: 'before', expiresAt: 999 }));
        await sessions.insert(sample({ id: 'at', expiresAt: 1000 }));
        await sessions.insert(sample({ id: 'after', expiresAt: 1001 }));
        assert.deepEqual(idsOf(await sessions.expired(1000)), ['before']);
      },
    },
    {
      name: `${kind}: a session whose life was extended is not expired any more`,
      async run(make) {
        const sessions = table(await make());
        const { version } = await sessions.insert(sample({ id: 'a', expiresAt: 10 }));
        await sessions.replace(sample({ id: 'a', expiresAt: 5000 }), version);
        assert.deepEqual(await sessions.expired(1000), []);
      },
    },
  ];
}

const casesOf = <Session extends Kept>(kind: Kind<Session>): readonly Case<SessionStore>[] => [
  ...insertCases(kind),
  ...replaceCases(kind),
  ...prolongCases(kind),
  ...listCases(kind),
];

/** The laws of `SessionStore`, for each of its tables. */
export const sessionStoreCases: readonly Case<SessionStore>[] = [
  ...leaseCases,
  ...casesOf({ kind: 'imports', table: (store) => store.imports, sample: sampleImportSession }),
  ...casesOf({ kind: 'probes', table: (store) => store.probes, sample: sampleProbeSession }),
  ...casesOf({ kind: 'exports', table: (store) => store.exports, sample: sampleExportSession }),
  ...casesOf({ kind: 'updates', table: (store) => store.updates, sample: sampleUpdateSession }),
  ...casesOf({ kind: 'downloads', table: (store) => store.downloads, sample: sampleDownloadSession }),
  {
    name: 'one id may be an import, a probe and an export at once, and none is taken for another',
    async run(make) {
      const store = await make();
      await store.imports.insert(sampleImportSession({ id: 'a', clientToken: 't' }));
      assert.equal(await store.exports.get('a'), undefined);
      await store.exports.insert(sampleExportSession({ id: 'a', clientToken: 't' }));
      await store.exports.delete('a');
      assert.equal((await store.imports.get('a'))?.session.state, 'IMPORT_FILE_TRANSFER');
    },
  },
];
