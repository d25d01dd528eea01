import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PackageReader, readAll, readDescriptor } from '@ovfkit/package-format';
import {
  maxTextSize,
  openPackage,
  readFile,
  streamPackage,
  verifyPackage,
  withOutputFiles,
  writeFile,
  writePackage,
} from '@ovfkit/package-format/node';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { collect, descriptorWith, sourceOf } from './source.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovfkit-write-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Contents that deflate well, badly, or not at all; sizes around the borders of a piece. */
const content = fc
  .record({ size: fc.nat({ max: 3000 }), seed: fc.nat({ max: 250 }), spread: fc.constantFrom(1, 7, 251) })
  .map(({ size, seed, spread }) => Uint8Array.from({ length: size }, (_, at) => (seed + ((at * at) % spread)) % 256));

const storage = fc.record({
  compression: fc.constantFrom('keep', 'gzip', 'plain'),
  chunkSize: fc.option(fc.constantFrom(500, 1024, 100_000), { nil: undefined }),
});

const target = fc.constantFrom('a.ova', 'folder', 'stream.ova');

type Storage = typeof storage extends fc.Arbitrary<infer T> ? T : never;

interface Step {
  readonly storage: Storage;
  readonly to: string;
}

async function write(input: Parameters<typeof writePackage>[0], { to, storage: how }: Step, place: string) {
  const path = join(place, to);
  if (to !== 'stream.ova') await writePackage(input, { ...how, path });
  else await withOutputFiles({}, (files) => writeFile(files, { path, bytes: streamPackage(input, how) }));
}

/** Every file of the descriptor, plain. */
async function contentsOf(reader: PackageReader): Promise<readonly Uint8Array[]> {
  const text = await readAll(reader.read(reader.descriptorName), maxTextSize);
  const { files } = readDescriptor(text);
  return Promise.all(files.map((file) => collect(readFile(reader, file))));
}

const newPackage = (contents: readonly { readonly bytes: Uint8Array; readonly isSized: boolean }[]) => ({
  descriptorName: 'vm.ovf',
  descriptor: descriptorWith({
    references: contents.map((_, index) => `<File ovf:id="f${index}" ovf:href="file ${index}.bin"/>`).join(''),
  }),
  files: contents.map(({ bytes, isSized }, index) => ({
    name: `file ${index}.bin`,
    size: isSized ? bytes.length : undefined,
    read: () => sourceOf(bytes),
  })),
});

describe('a package', () => {
  test('that is written in any form, and from that in any other, reads back byte by byte', async () => {
    const contents = fc.array(fc.record({ bytes: content, isSized: fc.boolean() }), { maxLength: 3 });
    const step = fc.record({ storage, to: target });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(contents, step, step, async (files, first, second) => {
        run += 1;
        const places = [join(folder, `${run}-1`), join(folder, `${run}-2`)] as const;
        await write(newPackage(files), first, places[0]);
        const reader = await openPackage(join(places[0], first.to));
        await write(reader, second, places[1]);
        await reader.close();
        for (const [place, { to }] of [
          [places[0], first],
          [places[1], second],
        ] as const) {
          const opened = await openPackage(join(place, to));
          expect(await contentsOf(opened)).toEqual(files.map(({ bytes }) => bytes));
          await opened.close();
          const { problems } = await verifyPackage(join(place, to));
          expect(problems.filter(({ kind, code }) => kind !== 'structure' || code === 'MEMBER_ORDER')).toEqual([]);
        }
        await rm(places[0], { recursive: true });
        await rm(places[1], { recursive: true });
      }),
      { numRuns: 30 },
    );
  });
});
