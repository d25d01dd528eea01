import { createHash } from 'node:crypto';
import { collect } from '@ovfkit/conformance';
import { createChunkPool } from '@ovfkit/domain';
import { expect, test } from 'vitest';
import { admin, startEngine } from './support/engine.ts';
import { createImport, push } from './support/session.ts';

const chunkSize = 1024 * 1024;

// the larger one is hashed in a thread of its own
test.each([2, 12])(
  'a file of %d MiB is whole, though every chunk that was released is overwritten at once',
  async (mebibytes) => {
    const { engine, store } = await startEngine();
    const backend = engine.backendFor(admin);
    const id = await createImport(backend, push);
    const [file] = (await backend.importSession.get({ id })).files;
    if (file === undefined) return expect.fail('the session waits for nothing');
    const whole = Buffer.alloc(
      mebibytes * chunkSize,
      'The chunks of this file differ, as its length is no multiple of theirs. ',
    );
    const pool = createChunkPool();
    async function* bytes() {
      for (let at = 0; at < whole.length; at += chunkSize) {
        const chunk = pool.allocate(chunkSize);
        chunk.set(whole.subarray(at, at + chunkSize));
        yield chunk;
      }
    }
    let released = 0;
    const release = (chunk: Uint8Array) => {
      chunk.fill(0);
      pool.release(chunk);
      released += 1;
    };
    const sha256 = createHash('sha256').update(whole).digest('hex');
    const upload = { kind: 'import', sessionId: id, file, offset: 0, size: whole.length, sha256 } as const;
    expect((await backend.files.upload({ ...upload, bytes: bytes(), release })).isComplete).toBe(true);
    expect(released).toBe(mebibytes);
    const [blob = ''] = await store.blobs.sealed(sha256);
    expect(whole.equals(await collect(store.blobs.read(blob)))).toBe(true);
  },
);
