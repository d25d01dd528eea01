// Every reader of the package, each as a function from bytes. A target may fail with a PackageError and with nothing else.
import {
  checkPropertyValue,
  checkVmdk,
  createVmdkCheck,
  editDescriptor,
  indexTar,
  inspectVmdk,
  openOva,
  PackageError,
  randomAccessOf,
  readAll,
  readCertificate,
  readDescriptor,
  readDiskDescriptor,
  readManifest,
  readMessageBundle,
  readTar,
  resolveConfiguration,
  summarize,
  systemsOf,
  withBundles,
  writeDescriptor,
  writeTar,
} from '@ovfkit/package-format';
import {
  openDisk,
  readFile,
  readStreamOptimized,
  unwrapped,
  type VerifyReport,
  verifyCertificate,
  verifyStream,
} from '@ovfkit/package-format/node';
import type { FuzzTarget } from './fuzz.ts';

/** A reader of packages. */
export interface Target extends FuzzTarget {
  readonly kind:
    | 'descriptor'
    | 'bundle'
    | 'manifest'
    | 'certificate'
    | 'archive'
    | 'chunked'
    | 'disk'
    | 'diskDescriptor'
    | 'wrapped';
}

const isRefusal = (error: unknown): boolean => error instanceof PackageError;

/** What a target gives is thrown away, and only so much of it taken: a small file may claim to be a large disk. */
const maxOutput = 4 * 1024 ** 2;

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = turn % 3 === 0 ? 513 : 16_384;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function drain(source: AsyncIterable<Uint8Array>): Promise<void> {
  let size = 0;
  for await (const part of source) {
    size += part.length;
    if (size > maxOutput) return;
  }
}

function useDescriptor(bytes: Uint8Array): void {
  const descriptor = readDescriptor(bytes);
  summarize(descriptor);
  for (const option of [undefined, ...descriptor.deploymentOptions.map(({ id }) => id)])
    resolveConfiguration(descriptor, { option });
  for (const { products } of [descriptor, ...systemsOf(descriptor.content)])
    for (const { properties } of products)
      for (const property of properties) checkPropertyValue(property, property.value ?? '');
  withBundles(descriptor, new Map());
  readDescriptor(editDescriptor(descriptor, [{ type: 'setNetwork', name: 'a new network' }]));
  readDescriptor(writeDescriptor(descriptor));
}

/** A disk, or the descriptor of one whose extents all hold the same. */
async function useDisk(bytes: Uint8Array): Promise<void> {
  const disk = await openDisk(randomAccessOf(bytes), { openBeside: async () => randomAccessOf(extent) });
  let size = 0;
  for await (const part of disk.parts()) {
    size += part.bytes.length;
    if (size > maxOutput) return;
  }
}

const extent = new Uint8Array(1024 * 1024).fill(1);

/** Every file of an archive by the descriptor's word: pieces joined, packed ones unpacked. */
async function useChunked(bytes: Uint8Array): Promise<void> {
  const reader = await openOva(randomAccessOf(bytes));
  const descriptor = readDescriptor(await readAll(reader.read(reader.descriptorName), maxOutput));
  for (const reference of descriptor.files) await drain(readFile(reader, reference));
}

const diskPackage = new TextEncoder().encode(`<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"><References><File ovf:id="f" ovf:href="d.vmdk"/></References>
  <DiskSection><Info/><Disk ovf:diskId="d" ovf:fileRef="f" ovf:capacity="1024"/></DiskSection>
  <VirtualSystem ovf:id="vm"><Info/></VirtualSystem></Envelope>`);

/** The bytes as the disk of a package whose disks are looked into. */
function verifyDisk(bytes: Uint8Array): Promise<VerifyReport> {
  const member = (name: string, content: Uint8Array) => ({ name, size: content.length, bytes: chunksOf(content) });
  const archive = writeTar([member('vm.ovf', diskPackage), member('d.vmdk', bytes)]);
  return verifyStream(archive, { file: 'fuzz', disks: 'grains' });
}

const readers: readonly Omit<Target, 'isRefusal'>[] = [
  { name: 'readDescriptor', kind: 'descriptor', run: useDescriptor },
  { name: 'readDescriptor, lax', kind: 'descriptor', run: (bytes) => readDescriptor(bytes, { lax: true }) },
  { name: 'readMessageBundle', kind: 'bundle', run: (bytes) => readMessageBundle(bytes) },
  { name: 'readManifest', kind: 'manifest', run: (bytes) => readManifest(bytes) },
  { name: 'readCertificate', kind: 'certificate', run: (bytes) => readCertificate(bytes) },
  {
    name: 'verifyCertificate',
    kind: 'certificate',
    run: (bytes) => verifyCertificate({ certificate: bytes, manifest: bytes, roots: [] }),
  },
  { name: 'indexTar', kind: 'archive', run: (bytes) => indexTar(randomAccessOf(bytes)) },
  {
    name: 'readTar',
    kind: 'archive',
    async run(bytes) {
      for await (const entry of readTar(chunksOf(bytes))) await drain(entry.bytes);
    },
  },
  { name: 'verifyStream', kind: 'archive', run: (bytes) => verifyStream(chunksOf(bytes), { file: 'fuzz', roots: [] }) },
  { name: 'unwrapped', kind: 'wrapped', run: (bytes) => drain(unwrapped(chunksOf(bytes), { file: 'fuzz' })) },
  { name: 'verifyStream, wrapped', kind: 'wrapped', run: (bytes) => verifyStream(chunksOf(bytes), { file: 'fuzz' }) },
  { name: 'readFile', kind: 'chunked', run: useChunked },
  { name: 'verifyStream, grains', kind: 'disk', run: verifyDisk },
  {
    name: 'readDiskDescriptor',
    kind: 'diskDescriptor',
    run: (bytes) => readDiskDescriptor(new TextDecoder('latin1').decode(bytes)),
  },
  { name: 'inspectVmdk, descriptor', kind: 'diskDescriptor', run: (bytes) => inspectVmdk(randomAccessOf(bytes)) },
  { name: 'inspectVmdk', kind: 'disk', run: (bytes) => inspectVmdk(randomAccessOf(bytes)) },
  { name: 'checkVmdk', kind: 'disk', run: (bytes) => checkVmdk(randomAccessOf(bytes)) },
  {
    name: 'createVmdkCheck',
    kind: 'disk',
    async run(bytes) {
      const check = createVmdkCheck();
      for await (const part of chunksOf(bytes)) check.push(part);
      return check.end();
    },
  },
  { name: 'openDisk', kind: 'disk', run: useDisk },
  { name: 'openDisk, extents', kind: 'diskDescriptor', run: useDisk },
  { name: 'readStreamOptimized', kind: 'disk', run: (bytes) => drain(readStreamOptimized(chunksOf(bytes))) },
];

/** All of them. */
export const targets: readonly Target[] = readers.map((reader) => ({ ...reader, isRefusal }));
