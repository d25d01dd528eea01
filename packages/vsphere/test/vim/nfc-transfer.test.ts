import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { noise } from '@ovfkit/conformance';
import { type BlobStore, createChunkPool, type StoredFile } from '@ovfkit/domain';
import { createHashThread } from '@ovfkit/package-format/node';
import { createFileHosts } from '@ovfkit/rest';
import { expect, onTestFinished, test } from 'vitest';
import { hostFileOf, sendToDevice } from '../../src/vim/nfc-transfer.ts';

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const server = new URL('https://vc.example.com:9443/sdk');
const own = 'AA'.repeat(20);
const hosts = 'BB'.repeat(20);

const cases: readonly (readonly [url: string, thumbprint: string, expected: readonly [string, string | undefined]])[] =
  [
    // where the server does not know by which name it is reached, it is the one that the client uses
    ['https://*/nfc/a%5B1%5D/disk', '', ['https://vc.example.com:9443/nfc/a%5B1%5D/disk', own]],
    ['https://*/nfc/a', hosts, ['https://vc.example.com:9443/nfc/a', hosts]],
    ['https://*:902/nfc/a', '', ['https://vc.example.com:902/nfc/a', own]],
    ['https://vc.example.com/nfc/a', '', ['https://vc.example.com/nfc/a', own]],
    // the pin of vSphere is none for another host
    ['https://esx1.example.com/nfc/a', '', ['https://esx1.example.com/nfc/a', undefined]],
    ['https://esx1.example.com/nfc/a', hosts, ['https://esx1.example.com/nfc/a', hosts]],
  ];

test.each(cases)('%s attested by "%s" is reached and trusted as the lease says', (url, sslThumbprint, expected) => {
  const device = { url, sslThumbprint, sslCertificate: undefined };
  const found = hostFileOf({ server, thumbprint: own }, device);
  expect([found.url.href, found.thumbprint]).toEqual(expected);
});

test.each(['nfc/a', 'ftp://esx1/a', ''])('%s is no URL of a file', (url) => {
  const device = { url, sslThumbprint: undefined, sslCertificate: undefined };
  expect(() => hostFileOf({ server }, device)).toThrow(expect.objectContaining({ kind: 'INTERNAL_SERVER_ERROR' }));
});

const size = 20 * 1024 * 1024;
const content = noise(size);
const file: StoredFile = { name: 'disk.vmdk', blob: 'disk.vmdk', size, sha256: digestOf(content) };

/** A host, and a file on its way to it whose `bytes` are read into the memory that is given for them. */
async function sendLarge(bytes: Uint8Array, { onRead = () => {} }: { readonly onRead?: (at: number) => void } = {}) {
  const received: Buffer[] = [];
  const server = createServer((request, response) => {
    request.on('data', (chunk) => received.push(chunk)).on('end', () => response.end());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/nfc/disk`; // it listens on TCP
  const hosts = createFileHosts({});
  onTestFinished(() => hosts.close());
  const hashThread = createHashThread();
  onTestFinished(() => hashThread.close());
  const memories = new Set<ArrayBufferLike>();
  const blobs: Pick<BlobStore, 'read'> = {
    async *read(_key, _range, memory) {
      for (let start = 0; start < bytes.length; start += 2 ** 20) {
        onRead(start);
        const chunk = memory?.allocate(Math.min(2 ** 20, bytes.length - start)) ?? new Uint8Array(2 ** 20);
        memories.add(chunk.buffer);
        chunk.set(bytes.subarray(start, start + chunk.length));
        yield chunk;
      }
    },
  };
  const sending = { hosts, server: new URL(url), blobs, pool: createChunkPool(), hashThread };
  const trust = { sslThumbprint: undefined, sslCertificate: undefined };
  const about = { importKey: undefined, disk: true, targetId: undefined, fileSize: undefined };
  const device = { _typeName: 'HttpNfcLeaseDeviceUrl', key: 'k', url, ...trust, ...about };
  const plain = { compressionMethod: undefined, chunkSize: undefined, size: undefined, cimType: undefined };
  const item = { _typeName: 'OvfFileItem', deviceId: 'd', path: file.name, create: undefined, ...plain };
  const watch = { onSent: () => {}, onRestart: () => {}, signal: new AbortController().signal };
  const isSent = sendToDevice(sending, { device, item, file, ...watch });
  return { isSent, received: () => Buffer.concat(received), memories, close: () => hashThread.close() };
}

test('a large file arrives whole from a few chunks of memory that come back', async () => {
  const { isSent, received, memories } = await sendLarge(content);
  await isSent;
  expect(digestOf(received())).toBe(file.sha256);
  expect(memories.size).toBeLessThan(8);
});

test('a large file that is damaged never gets there whole', async () => {
  const { isSent, received } = await sendLarge(content.with(size - 1, 255 - (content.at(-1) ?? 0)));
  await expect(isSent).rejects.toMatchObject({ kind: 'INVALID_ARGUMENT', data: { file: 'disk.vmdk' } });
  expect(received().length).toBeLessThan(size);
});

test('when the thread that hashes dies, the file is read again for its digest', async () => {
  const reads: number[] = [];
  const sent = sendLarge(content, {
    onRead(at) {
      reads.push(at);
      if (reads.length === 5) void sent.then(({ close }) => close());
    },
  });
  await (await sent).isSent;
  expect(digestOf((await sent).received())).toBe(file.sha256);
  expect(reads.filter((at) => at === 0)).toHaveLength(2);
});
