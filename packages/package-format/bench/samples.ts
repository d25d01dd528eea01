import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TarInputEntry, tarLayout, writeDescriptor, writeManifest, writeTar } from '@ovfkit/package-format';
import { convertDisk } from '@ovfkit/package-format/node';

const mebibyte = 1024 ** 2;

async function* bytesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const entryOf = (name: string, text: string): TarInputEntry => {
  const bytes = new TextEncoder().encode(text);
  return { name, size: bytes.length, bytes: bytesOf(bytes) };
};

/** A descriptor of one machine with so many disks of a size. */
function descriptorOf(
  disks: readonly { readonly href: string; readonly size: number; readonly capacity: number }[],
): string {
  return writeDescriptor({
    files: disks.map(({ href, size }, index) => ({ id: `file${index}`, href, size })),
    disks: disks.map(({ capacity }, index) => ({
      diskId: `disk${index}`,
      fileRef: `file${index}`,
      capacity: String(capacity),
      capacityAllocationUnits: 'byte',
      format: 'http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized',
    })),
    networks: [],
    content: { kind: 'VirtualSystem', id: 'vm', info: 'A machine', hardware: [{ items: [] }] },
  });
}

/** What stands in a sparse archive: a text, or a hole of `size` bytes. */
interface Part {
  readonly name: string;
  readonly size: number;
  readonly text?: string | undefined;
}

const textPart = (name: string, text: string): Part => ({ name, size: Buffer.byteLength(text), text });

/** Headers and texts in their places and holes between them. */
async function writeSparse(path: string, parts: readonly Part[]): Promise<void> {
  const layout = tarLayout(parts);
  const file = await open(path, 'w');
  for (const [index, { name, size, text }] of parts.entries()) {
    const offset = layout.members[index]?.offset ?? 0;
    const writer = writeTar([{ name, size, bytes: bytesOf(new Uint8Array()) }]);
    const { value: header = new Uint8Array() } = await writer.next();
    await writer.return();
    await file.write(header, 0, header.length, offset - header.length);
    if (text !== undefined) await file.write(text, offset);
  }
  await file.truncate(layout.size);
  await file.close();
}

/** An archive of two disks that are holes. */
export async function makeSparseOva(path: string, size: number): Promise<void> {
  const disks = ['a.vmdk', 'b.vmdk'].map((href) => ({ href, size: size / 2, capacity: size }));
  await writeSparse(path, [
    textPart('vm.ovf', descriptorOf(disks)),
    ...disks.map(({ href }) => ({ name: href, size: size / 2 })),
  ]);
}

/** A sound archive with a manifest and one file of zeros, which is a hole. */
export async function makeSealedOva(path: string, size: number): Promise<void> {
  const zeros = Buffer.alloc(mebibyte);
  const hash = createHash('sha256');
  for (let left = size; left > 0; left -= zeros.length) hash.update(zeros.subarray(0, left));
  const descriptor = writeDescriptor({
    files: [{ id: 'file', href: 'data.iso', size }],
    disks: [],
    networks: [],
    content: { kind: 'VirtualSystem', id: 'vm', info: 'A machine', hardware: [{ items: [] }] },
  });
  const manifest = writeManifest([
    { name: 'vm.ovf', algorithm: 'SHA256', digest: createHash('sha256').update(descriptor).digest('hex') },
    { name: 'data.iso', algorithm: 'SHA256', digest: hash.digest('hex') },
  ]);
  await writeSparse(path, [textPart('vm.ovf', descriptor), textPart('vm.mf', manifest), { name: 'data.iso', size }]);
}

/** A disk as they are in use: a quarter zeros, an eighth random, the rest programs and text. */
export async function makeRawDisk(path: string, size: number): Promise<void> {
  const program = await readFile(process.execPath);
  const file = await open(path, 'w');
  for (let at = 0; at < size; at += mebibyte) {
    const turn = at / mebibyte;
    const from = (turn * mebibyte) % (program.length - mebibyte);
    const part =
      turn % 4 === 3 ? undefined : turn % 8 === 5 ? randomBytes(mebibyte) : program.subarray(from, from + mebibyte);
    if (part !== undefined) await file.write(part, 0, mebibyte, at);
  }
  await file.truncate(size);
  await file.close();
}

/** An archive of some streamOptimized disks, with a manifest of SHA-256, of about `size` bytes. */
export async function makeOva(folder: string, size: number): Promise<string> {
  const count = 8;
  const capacity = Math.ceil(size / count / mebibyte) * mebibyte;
  const raw = join(folder, 'random.raw');
  const disk = join(folder, 'random.vmdk');
  await mkdir(folder, { recursive: true });
  const file = await open(raw, 'w');
  for (let at = 0; at < capacity; at += mebibyte) await file.write(randomBytes(mebibyte), 0, mebibyte, at);
  await file.close();
  await convertDisk(raw, { to: 'streamOptimized', path: disk, level: 1, ifExists: 'replace' });
  const { size: diskSize } = await stat(disk);
  const hash = createHash('sha256');
  for await (const part of createReadStream(disk)) hash.update(part);
  const digest = hash.digest('hex');
  const names = Array.from({ length: count }, (_, index) => `disk${index}.vmdk`);
  const descriptor = descriptorOf(names.map((href) => ({ href, size: diskSize, capacity })));
  const manifest = writeManifest([
    { name: 'vm.ovf', algorithm: 'SHA256', digest: createHash('sha256').update(descriptor).digest('hex') },
    ...names.map((name) => ({ name, algorithm: 'SHA256' as const, digest })),
  ]);
  const path = join(folder, 'vm.ova');
  const entries = [
    entryOf('vm.ovf', descriptor),
    entryOf('vm.mf', manifest),
    ...names.map((name) => ({ name, size: diskSize, bytes: createReadStream(disk) })),
  ];
  await writeFile(path, writeTar(entries));
  return path;
}

/** A sound descriptor of about `size` bytes: a machine with very many properties. */
export async function makeDescriptor(path: string, size: number): Promise<void> {
  const properties = Array.from({ length: Math.floor(size / 195) }, (_, index) => ({
    key: `key${index}`,
    type: 'string',
    value: `value ${index}`,
    userConfigurable: true,
    label: `Property ${index}`,
    description: 'What the property is for, in a few words.',
  }));
  const text = writeDescriptor({
    files: [],
    disks: [],
    networks: [],
    content: { kind: 'VirtualSystem', id: 'vm', info: 'A machine', products: [{ info: 'Product', properties }] },
  });
  await writeFile(path, text);
}
