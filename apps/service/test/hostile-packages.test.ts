import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { errorsOf, openTarget, password, tokenOf } from './support/attack.ts';
import { descriptorFor, logIn, send } from './support/wire.ts';

const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 20 }, (_, at) => `<!ENTITY a${at} "${'&a;'.repeat(10)}">`).join('')}]><Envelope>&a19;</Envelope>`;
const plain = descriptorFor(10);
const named = (name: string) => plain.replaceAll('disk.vmdk', name);
const hostile: readonly (readonly [string, string | Uint8Array])[] = [
  ['an entity bomb', bomb],
  [
    'a reference to a file of the server',
    plain.replace('<Envelope', '<!DOCTYPE x SYSTEM "file:///etc/passwd"><Envelope'),
  ],
  ['elements nested a hundred thousand deep', `${'<a>'.repeat(100_000)}`],
  [
    'an element with a million attributes',
    `<Envelope ${Array.from({ length: 100_000 }, (_, at) => `a${at}="1"`).join(' ')}/>`,
  ],
  ['a compressed bomb', gzipSync(Buffer.alloc(32 * 1024 * 1024))],
  ['bytes that are no text', randomBytes(100_000)],
  ['nothing but zeros', new Uint8Array(1_000_000)],
  ['a terabyte in pieces of a byte', plain.replace(/ovf:size="\d+"/, 'ovf:size="1099511627776" ovf:chunkSize="1"')],
  ['more than a text may have', `<!--${'a'.repeat(17 * 1024 * 1024)}-->`],
  [
    'names that differ by case only',
    plain.replace(
      /(<File [^>]*>)/,
      (file) => `${file}${file.replace('disk.vmdk', 'DISK.VMDK').replace(/id="[^"]*"/, 'id="twin"')}`,
    ),
  ],
];

test('hostile descriptors end their sessions, one clear error each, and nothing else happens', async () => {
  const { service, data, folder } = await openTarget();
  const admin = await logIn(service.url, password);
  const token = await tokenOf(service.url, 'admin', password);
  for (const [what, bytes] of hostile) {
    const id = await admin.create();
    await admin.upload(await admin.fileUrl(id, 'descriptor.ovf'), bytes).catch(() => {}); // refused while it is sent
    const isOver = async () => /ERROR|SELECTING/.test((await errorsOf(service.url, id, token)).state);
    await expect.poll(isOver, { timeout: 20_000, message: what }).toBe(true);
    const { state, errors } = await errorsOf(service.url, id, token);
    if (what !== 'names that differ by case only') expect([what, state]).toEqual([what, 'IMPORT_ERROR']);
    if (state === 'IMPORT_ERROR') expect(errors.length, what).toBeGreaterThan(0);
  }
  for (const name of ['../../../escape', '/etc/escape', 'a/../../escape', '..\\..\\escape']) {
    const id = await admin.create();
    await admin.upload(await admin.fileUrl(id, 'descriptor.ovf'), named(name)).catch(() => {});
    await expect.poll(async () => (await errorsOf(service.url, id, token)).state).not.toBe('IMPORT_OVF_TRANSFER');
  }
  expect(await readdir(folder)).toEqual(['data']);
  expect((await readdir(data)).sort()).toEqual(
    expect.arrayContaining(['audit.jsonl', 'blobs', 'ovfkit.sqlite', 'secrets']),
  );
  expect((await send({ url: `${service.url}/health` })).status).toBe(200);
  expect(service.log()).not.toMatch(/"level":"(error|fatal)"/);
});

interface Member {
  readonly name: string;
  readonly body?: string;
  /** As the header claims it, when it lies. */
  readonly size?: number;
  readonly type?: string;
}

/** A tar archive by hand, for no writer of ours makes such ones. */
function archive(...members: readonly Member[]): Buffer {
  const blocks = members.flatMap(({ name, body = '', size = body.length, type = '0' }) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write('0000644\0', 100);
    header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
    header.write('        ', 148);
    header.write(type, 156);
    header.write('/etc/passwd', 157);
    header.write('ustar\x0000', 257);
    header.write(
      `${header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    );
    return [header, Buffer.from(body), Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

const archives: readonly (readonly [string, Buffer])[] = [
  ['a symbolic link', archive({ name: 'a.ovf', type: '2' })],
  ['a hard link', archive({ name: 'a.ovf', type: '1' })],
  ['a device', archive({ name: 'a.ovf', type: '3' })],
  ['a path that leads out', archive({ name: '../../escape.ovf', body: plain })],
  ['a path from the root', archive({ name: '/etc/escape.ovf', body: plain })],
  ['a name twice', archive({ name: 'a.txt' }, { name: 'a.txt' }, { name: 'a.ovf', body: plain })],
  ['a name twice but for its case', archive({ name: 'a.txt' }, { name: 'A.TXT' }, { name: 'a.ovf', body: plain })],
  ['a size beyond its end', archive({ name: 'a.ovf', body: plain, size: 5_000_000_000 })],
  ['a descriptor beyond the limit', archive({ name: 'a.ovf', body: `<!--${'a'.repeat(17 * 1024 * 1024)}-->` })],
  ['no descriptor', archive({ name: 'a.txt', body: 'a' })],
  ['garbage', randomBytes(4096)],
];

test('hostile archives end their sessions, one clear error each, and nothing else happens', async () => {
  const { service, data, folder } = await openTarget();
  const admin = await logIn(service.url, password);
  const token = await tokenOf(service.url, 'admin', password);
  for (const [what, bytes] of archives) {
    const id = await admin.create({ source_type: 'PUSH_SOURCE', push_source_content_type: 'OVA_SOURCE' });
    await admin.upload(await admin.fileUrl(id, 'descriptor.ova'), bytes).catch(() => {}); // refused while it is sent
    const stateOf = async () => (await errorsOf(service.url, id, token)).state;
    await expect.poll(stateOf, { timeout: 20_000, message: what }).toBe('IMPORT_ERROR');
    expect((await errorsOf(service.url, id, token)).errors.length, what).toBeGreaterThan(0);
  }
  expect(await readdir(folder)).toEqual(['data']);
  await expect.poll(() => readdir(join(data, 'blobs'))).toEqual([]);
  expect(service.log()).not.toMatch(/"level":"(error|fatal)"/);
});
