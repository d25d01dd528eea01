import { indexTar, randomAccessOf, readTar, writeTar } from '@ovfkit/package-format';
import { expect, test } from 'vitest';
import { collect, refusal, refusalCode, sourceOf, textFrom, utf8 } from './source.ts';
import { archive, block, contents, namesIn } from './tar-by-hand.ts';

test('bodies come with their members, and one that is not read is skipped', async () => {
  const bytes = archive(
    { name: 'a.ovf', body: utf8('one') },
    { name: 'b', body: utf8('x'.repeat(1000)) },
    { name: 'c', body: utf8('three') },
  );
  const found: string[] = [];
  for await (const entry of readTar(sourceOf(bytes))) if (entry.name !== 'b') found.push(await textFrom(entry.bytes));
  expect(found).toEqual(['one', 'three']);
});

test('an index gives the offset of each body', async () => {
  const bytes = archive({ name: 'a.ovf', body: utf8('one') }, { name: 'b', body: utf8('two') });
  const members = await indexTar(randomAccessOf(bytes));
  expect(members.map(({ size, offset }) => new TextDecoder().decode(bytes.subarray(offset, offset + size)))).toEqual([
    'one',
    'two',
  ]);
});

test('an index of a large archive reads headers only', async () => {
  const size = 20 * 1024 ** 3;
  const first = block({ name: 'disk.vmdk', size: `\x80\0\0\0\0\0\0${String.fromCharCode(5)}\0\0\0\0` });
  let read = 0;
  const source = {
    size: 512 + size + 1024,
    async *read({ start, end }: { start: number; end: number }) {
      read += end - start;
      yield start === 0 ? first : new Uint8Array(end - start);
    },
  };
  const [member] = await indexTar(source);
  expect(member).toMatchObject({ name: 'disk.vmdk', size, offset: 512 });
  expect(read).toBe(512 + 1024);
});

test('a body cannot be read after the next member was asked for', async () => {
  const members = readTar(sourceOf(archive({ name: 'a', body: utf8('one') }, { name: 'b', body: utf8('two') })));
  const first = await members.next();
  await members.next();
  expect(await refusalCode(() => (first.done === true ? undefined : collect(first.value.bytes)))).toBe('RANGE_INVALID');
});

test('a ustar prefix, a GNU long name and a pax path name the member', async () => {
  const long = `${'d/'.repeat(120)}long.vmdk`;
  expect(await namesIn(archive({ name: 'disk.vmdk', prefix: 'folder' }))).toEqual(['folder/disk.vmdk']);
  expect(await namesIn(archive({ name: '././@LongLink', type: 'L', body: utf8(`${long}\0`) }, { name: 'd' }))).toEqual([
    long,
  ]);
  expect(await namesIn(archive({ name: 'x', type: 'x', body: utf8('19 path=磁盘.ovf\n') }, { name: 'd' }))).toEqual([
    '磁盘.ovf',
  ]);
});

test('a GNU header has no prefix, whatever stands in its place', async () => {
  expect(await namesIn(archive({ name: 'a', magic: 'ustar  \0', prefix: '00000000000' }))).toEqual(['a']);
});

test('a size in a pax header counts, also a global one', async () => {
  const body = utf8('hello');
  const wrong = '00000000000\0';
  expect(
    await contents(archive({ name: 'x', type: 'x', body: utf8('9 size=5\n') }, { name: 'a', body, size: wrong })),
  ).toEqual({ a: 'hello' });
  expect(
    await contents(archive({ name: 'x', type: 'g', body: utf8('9 size=5\n') }, { name: 'a', body, size: wrong })),
  ).toEqual({ a: 'hello' });
});

test('a leading ./ is left out and directories are no members', async () => {
  expect(
    await namesIn(archive({ name: './', type: '5' }, { name: './sub/', type: '5' }, { name: './sub/a.ovf' })),
  ).toEqual(['sub/a.ovf']);
});

test('an archive may end without its two empty blocks', async () => {
  const bytes = archive({ name: 'a', body: utf8('one') });
  expect(await namesIn(bytes.subarray(0, bytes.length - 1024))).toEqual(['a']);
});

test('an archive that ends in the middle is refused', async () => {
  const bytes = archive({ name: 'a', body: utf8('x'.repeat(600)) });
  for (const end of [700, 1300, 1500, 1600]) {
    const cut = bytes.subarray(0, end);
    const codes = [await refusalCode(() => contents(cut)), await refusalCode(() => indexTar(randomAccessOf(cut)))];
    expect(codes).toEqual(['TRUNCATED', 'TRUNCATED']);
  }
});

test.each([
  ['1', 'hard link'],
  ['2', 'symbolic link'],
  ['3', 'character device'],
  ['4', 'block device'],
  ['6', 'FIFO'],
  ['S', 'sparse'],
  ['Z', 'unknown type'],
])('a member of type %s is refused as a %s', async (type, what) => {
  const error = await refusal(() => namesIn(archive({ name: 'a.vmdk', type, linkname: '/etc/passwd' })));
  expect(error).toMatchObject({ code: 'TAR_ENTRY_REFUSED', file: 'a.vmdk' });
  expect(error.message).toContain(what);
});

test('a sparse file in pax form is refused', async () => {
  expect(
    await refusalCode(() =>
      namesIn(archive({ name: 'x', type: 'x', body: utf8('22 GNU.sparse.major=1\n') }, { name: 'a' })),
    ),
  ).toBe('TAR_ENTRY_REFUSED');
});

test.each(['../a', 'a/../../b', '/etc/passwd', 'C:\\a', 'a\\..\\b', 'a//b'])(
  'the member name %s is refused',
  async (name) => {
    expect(await refusal(() => namesIn(archive({ name })))).toMatchObject({ code: 'NAME_REFUSED', file: name });
  },
);

test('a directory that leaves the package is refused', async () => {
  expect(await refusalCode(() => namesIn(archive({ name: '../up/', type: '5' })))).toBe('NAME_REFUSED');
});

test('two members that would be one file somewhere are refused', async () => {
  expect(await refusal(() => namesIn(archive({ name: 'disk.vmdk' }, { name: 'DISK.vmdk' })))).toMatchObject({
    code: 'TAR_DUPLICATE',
    file: 'DISK.vmdk',
  });
});

test('a damaged header is refused with its offset', async () => {
  const bytes = archive({ name: 'a' }, { name: 'b' });
  bytes[600] = 0x7a;
  expect(await refusal(() => namesIn(bytes))).toMatchObject({ code: 'TAR_CHECKSUM', offset: 512 });
  const first = archive({ name: 'a' });
  first[100] = 0x7a;
  expect(await refusal(() => namesIn(first))).toMatchObject({ code: 'TAR_CHECKSUM', offset: 0 });
});

test('gzip has a code of its own, other things are no archive', async () => {
  expect(await refusalCode(() => namesIn(Uint8Array.of(0x1f, 0x8b, ...new Uint8Array(600))))).toBe('OVA_COMPRESSED');
  expect(await refusalCode(() => namesIn(Uint8Array.of(0x1f, 0x8b, 8)))).toBe('OVA_COMPRESSED');
  expect(await refusalCode(() => namesIn(utf8('<?xml version="1.0"?>'.repeat(50))))).toBe('TAR_INVALID');
  expect(await refusalCode(() => namesIn(utf8('short')))).toBe('TAR_INVALID');
  expect(await refusalCode(() => namesIn(new Uint8Array()))).toBe('TAR_INVALID');
});

test.each([
  { size: '\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff', number: '-1', code: 'TAR_INVALID' },
  { size: '\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff', number: '9223372036854775807', code: 'TOO_LARGE' },
  { size: '\x80\0\0\0\0\x20\0\0\0\0\0\0', number: '9007199254740992', code: 'TOO_LARGE' },
])(
  'a size of $number bytes cannot be addressed, and is refused with the exact number',
  async ({ size, number, code }) => {
    const error = await refusal(() => namesIn(archive({ name: 'a', size })));
    expect(error).toMatchObject({ code, file: 'a', offset: 512 });
    expect(error.message).toContain(number);
  },
);

test('a pax size that cannot be addressed is refused with the exact number', async () => {
  const body = utf8('28 size=9223372036854775808\n');
  const error = await refusal(() => namesIn(archive({ name: 'x', type: 'x', body }, { name: 'a' })));
  expect(error).toMatchObject({ code: 'TOO_LARGE', file: 'a' });
  expect(error.message).toContain('9223372036854775808');
});

test('members that together go beyond 2^53 are refused', async () => {
  const bytes = archive({ name: 'a', size: '\x80\0\0\0\0\x1f\xff\xff\xff\xff\xff\xff' });
  const error = await refusal(() => indexTar({ ...randomAccessOf(bytes), size: Number.MAX_SAFE_INTEGER }));
  expect(error.code).toBe('TOO_LARGE');
  expect(error.message).toContain('9007199254741504');
});

test('headers of vendors are passed over, whatever bytes they hold', async () => {
  const attribute = Uint8Array.of(...utf8('30 SCHILY.xattr.user.a='), 0xff, 0xfe, 0, 1, 2, 3, 10);
  attribute.set(utf8(String(attribute.length)));
  expect(
    await namesIn(
      archive(
        { name: 'label', type: 'V' },
        { name: 'x', type: 'g', body: utf8('18 comment=vendor\n') },
        { name: 'acl', type: 'A', body: utf8('rights') },
        { name: 'x', type: 'x', body: attribute },
        { name: 'a.ovf' },
      ),
    ),
  ).toEqual(['a.ovf']);
});

test('a header of the old kind, without magic and with spaces about its numbers, is read', async () => {
  const bytes = archive({
    name: 'a.ovf',
    type: '\0',
    magic: '\0\0\0\0\0\0\0\0',
    size: '          3 ',
    body: utf8('one'),
  });
  expect(await contents(bytes)).toEqual({ 'a.ovf': 'one' });
});

test.each([1, 20, 128, 2048])('records of %i blocks, filled up with zeros, are read', async (factor) => {
  const bytes = archive({ name: 'a', body: utf8('one') });
  const padded = new Uint8Array(Math.ceil(bytes.length / (factor * 512)) * factor * 512);
  padded.set(bytes);
  expect(await namesIn(padded)).toEqual(['a']);
});

test('what follows the two empty blocks is no part of the archive', async () => {
  const bytes = archive({ name: 'a', body: utf8('one') });
  expect(await namesIn(Uint8Array.of(...bytes, ...utf8('garbage'.repeat(100))))).toEqual(['a']);
});

test.each([
  ['zip', 'PK\x03\x04', 'TAR_INVALID'],
  ['cpio', '070701', 'TAR_INVALID'],
  ['7z', '7z\xbc\xaf\x27\x1c', 'TAR_INVALID'],
  ['xz', '\xfd7zXZ\0', 'OVA_COMPRESSED'],
  ['bzip2', 'BZh9', 'OVA_COMPRESSED'],
])('a file that is %s is refused by that name', async (name, head, code) => {
  const bytes = new Uint8Array(1024);
  bytes.set(Uint8Array.from(head, (character) => character.charCodeAt(0)));
  const error = await refusal(() => namesIn(bytes));
  expect(error.code).toBe(code);
  expect(error.message).toContain(name);
});

test('a consumer that stops lets the source go', async () => {
  let isReleased = false;
  async function* source() {
    try {
      yield* sourceOf(archive({ name: 'a' }, { name: 'b' }));
    } finally {
      isReleased = true;
    }
  }
  for await (const _ of readTar(source())) break;
  expect(isReleased).toBe(true);
});

test('a name no longer than our writer makes it comes back', async () => {
  const name = `${'x'.repeat(150)}/${'y'.repeat(99)}`;
  const bytes = await collect(writeTar([{ name, size: 1, bytes: sourceOf(utf8('z')) }]));
  expect(await contents(bytes)).toEqual({ [name]: 'z' });
});
