import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createChunkPool } from '@ovfkit/domain';
import { describe, expect, test } from 'vitest';
import { connect, textOf } from './support/backend.ts';
import { address } from './support/file-address.ts';
import { answer, serve } from './support/http-server.ts';
import { vcenter } from './support/vcenter.ts';

describe('a download', () => {
  const content = 'The quick brown fox';

  test('gives size, strong validator and bytes', async () => {
    const { serve: handle } = vcenter(
      (_, response) => void response.writeHead(200, { 'content-length': content.length, etag: '"1"' }).end(content),
    );
    const backend = await connect((await serve(handle)).url);
    const download = await backend.files.download(address({}, 'export'));
    expect(download).toMatchObject({ size: 19, etag: '"1"' });
    expect(await textOf(download.bytes)).toBe(content);
  });

  test('of a range asks for it, its end counted in as HTTP does', async () => {
    let asked: unknown;
    const { serve: handle } = vcenter((request, response) => {
      asked = request.headers.range;
      response.writeHead(206, { 'content-range': 'bytes 4-8/19' }).end(content.slice(4, 9));
    });
    const backend = await connect((await serve(handle)).url);
    const download = await backend.files.download({ ...address({}, 'export'), range: { start: 4, end: 9 } });
    expect(asked).toBe('bytes=4-8');
    expect(download.size).toBe(19);
    expect(await textOf(download.bytes)).toBe('quick');
  });

  test('of a range from a server that ignores ranges gives the range all the same', async () => {
    const { serve: handle } = vcenter((_, response) => void response.end(content));
    const backend = await connect((await serve(handle)).url);
    const { bytes } = await backend.files.download({ ...address({}, 'export'), range: { start: 4, end: 9 } });
    expect(await textOf(bytes)).toBe('quick');
  });

  test('of a range of a version asks for that version only', async () => {
    const asked: unknown[] = [];
    const { serve: handle } = vcenter((request, response) => {
      if (request.headers.range !== undefined) asked.push(request.headers['if-range']);
      // as a server does whose file is `"2"` by now
      const isSame = request.headers['if-range'] === '"2"';
      const headers = { etag: '"2"', ...(isSame ? { 'content-range': 'bytes 4-8/19' } : {}) };
      response.writeHead(isSame ? 206 : 200, headers).end(isSame ? content.slice(4, 9) : content);
    });
    const backend = await connect((await serve(handle)).url);
    const part = { ...address({}, 'export'), range: { start: 4, end: 9 } };
    expect(await textOf((await backend.files.download({ ...part, etag: '"2"' })).bytes)).toBe('quick');
    await expect(backend.files.download({ ...part, etag: '"1"' })).rejects.toMatchObject({ kind: 'CONCURRENT_CHANGE' });
    expect(asked).toEqual(['"2"', '"1"']);
  });

  test('does not take a weak validator for a strong one', async () => {
    const { serve: handle } = vcenter((_, response) => void response.writeHead(200, { etag: 'W/"1"' }).end(content));
    const backend = await connect((await serve(handle)).url);
    expect((await backend.files.download(address({}, 'export'))).etag).toBeUndefined();
  });

  test('that breaks off ends with an error, not as if it were whole', async () => {
    const { serve: handle } = vcenter((request, response) => {
      response.writeHead(200, { 'content-length': 19 }).write(content.slice(0, 9));
      setTimeout(() => request.socket.destroy(), 50);
    });
    const backend = await connect((await serve(handle)).url);
    const { bytes } = await backend.files.download(address({}, 'export'));
    await expect(textOf(bytes)).rejects.toMatchObject({ kind: 'RESOURCE_INACCESSIBLE' });
  });

  test('on which nothing comes ends with TIMED_OUT', async () => {
    const { serve: handle } = vcenter(
      (_, response) => void response.writeHead(200, { 'content-length': 19 }).write('a'),
    );
    const backend = await connect((await serve(handle)).url, { stallTimeoutMs: 300 });
    const { bytes } = await backend.files.download(address({}, 'export'));
    await expect(textOf(bytes)).rejects.toMatchObject({ kind: 'TIMED_OUT' });
  });

  test('whose reader takes its time does not end', async () => {
    const { serve: handle } = vcenter((_, response) => void response.end(content));
    const backend = await connect((await serve(handle)).url, { stallTimeoutMs: 300 });
    const { bytes } = await backend.files.download(address({}, 'export'));
    let text = '';
    for await (const chunk of bytes) {
      await new Promise((resolve) => setTimeout(resolve, 700));
      text += Buffer.from(chunk).toString();
    }
    expect(text).toBe(content);
  });

  describe('into memory of its reader', () => {
    const large = randomBytes(2_500_000);
    const piecesOf = (bytes: Uint8Array) =>
      Array.from({ length: 250 }, (_, at) => bytes.subarray(at * 10_000, (at + 1) * 10_000));

    test('fills it, and has every byte once', async () => {
      const { serve: handle } = vcenter((_, response) => {
        response.writeHead(200, { 'content-length': large.length });
        for (const piece of piecesOf(large)) response.write(piece);
        response.end();
      });
      const backend = await connect((await serve(handle)).url);
      const pool = createChunkPool();
      const { bytes } = await backend.files.download({ ...address({}, 'export'), memory: pool });
      const sizes: number[] = [];
      const hash = createHash('sha256');
      for await (const chunk of bytes) {
        sizes.push(chunk.length);
        hash.update(chunk);
        pool.release(chunk.fill(0));
      }
      expect(hash.digest('hex')).toBe(createHash('sha256').update(large).digest('hex'));
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(large.length);
      expect(sizes.length).toBeLessThan(250);
    });

    test('hands on what came before it broke off', async () => {
      const { serve: handle } = vcenter((request, response) => {
        response.writeHead(200, { 'content-length': 19 }).write(content.slice(0, 9));
        setTimeout(() => request.socket.destroy(), 50);
      });
      const backend = await connect((await serve(handle)).url);
      const { bytes } = await backend.files.download({ ...address({}, 'export'), memory: createChunkPool() });
      let text = '';
      const read = async () => {
        for await (const chunk of bytes) text += Buffer.from(chunk).toString();
      };
      await expect(read()).rejects.toMatchObject({ kind: 'RESOURCE_INACCESSIBLE' });
      expect(text).toBe('The quick');
    });

    test('is closed when its reader stops, whatever it waits for', async () => {
      let closed: Promise<unknown> = Promise.resolve();
      const { serve: handle } = vcenter((_, response) => {
        closed = once(response, 'close');
        response.writeHead(200, { 'content-length': 4_000_000 }).write(large.subarray(0, 1_500_000)); // the rest never comes
      });
      const backend = await connect((await serve(handle)).url);
      const { bytes } = await backend.files.download({ ...address({}, 'export'), memory: createChunkPool() });
      for await (const chunk of bytes) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      await closed;
    });
  });

  test('beyond the end is INVALID_ARGUMENT', async () => {
    const { serve: handle } = vcenter((_, response) => answer(response, { status: 416 }));
    const backend = await connect((await serve(handle)).url);
    await expect(
      backend.files.download({ ...address({}, 'export'), range: { start: 99, end: 100 } }),
    ).rejects.toMatchObject({
      kind: 'INVALID_ARGUMENT',
    });
  });
});
