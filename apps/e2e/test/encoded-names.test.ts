// A descriptor names files by URIs, and a manifest by the names they have.
import { createHash } from 'node:crypto';
import { createReadStream, readdirSync } from 'node:fs';
import { cp, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FileServer, serveFolder } from '../src/file-server.ts';
import type { Ended } from '../src/ovfkit.ts';
import { compareDisks } from '../src/verify.ts';
import { needed, openScene, type Scene } from './support/scene.ts';

let scene: Scene;
let server: FileServer;
beforeAll(async () => {
  scene = await openScene(undefined, ['--dedup', 'false', '--pull-allow', '127.0.0.0/8']);
  await makePackage('whole');
  expect(
    await scene.ovfkit(['pack', join(scene.folder, 'whole'), '-o', join(scene.folder, 'whole.ova')]),
  ).toMatchObject({ exitCode: 0 });
  await damage();
  server = await serveFolder(scene.folder, 'http');
});
afterAll(async () => {
  await server.close();
  await scene.close();
});

/** The sample, whose disks have names that a URI cannot have. */
async function makePackage(name: string): Promise<void> {
  const folder = join(scene.folder, name);
  await cp(scene.appliance.folder, folder, { recursive: true });
  const descriptor = join(folder, basename(scene.appliance.descriptor));
  let text = await readFile(descriptor, 'utf8');
  for (const disk of readdirSync(folder).filter((each) => each.endsWith('.vmdk'))) {
    const odd = `a größer 100% ${disk}`;
    await rename(join(folder, disk), join(folder, odd));
    text = text.replace(`"${disk}"`, `"${encodeURIComponent(odd)}"`);
  }
  await writeFile(descriptor, text);
  const lines = readdirSync(folder)
    .filter((each) => !each.endsWith('.mf'))
    .map(async (each) => {
      const digest = createHash('sha256').update(await readFile(join(folder, each)));
      return `SHA256(${each})= ${digest.digest('hex')}\n`;
    });
  await writeFile(descriptor.replace(/\.ovf$/, '.mf'), (await Promise.all(lines)).join(''));
}

/** Another package, of which one disk differs in one byte from its manifest: as a folder and as an archive. */
async function damage(): Promise<void> {
  const whole = join(scene.folder, 'whole');
  const damaged = join(scene.folder, 'damaged');
  await cp(whole, damaged, { recursive: true });
  const [name = ''] = readdirSync(damaged).filter((each) => each.endsWith('.vmdk'));
  const disk = await readFile(join(damaged, name));
  const archive = await readFile(`${whole}.ova`);
  const middle = Math.floor(disk.length / 2);
  const at = archive.indexOf(disk.subarray(0, 64 * 1024)) + middle;
  for (const [bytes, place] of [
    [disk, middle],
    [archive, at],
  ] as const)
    bytes[place] = 255 - (bytes[place] ?? 0);
  await writeFile(join(damaged, name), disk);
  await writeFile(`${damaged}.ova`, archive);
}

const importing = (source: string, ...more: readonly string[]): readonly string[] => [
  ...['import', source, '--to', 'lab'],
  ...needed,
  ...['-n', 'odd', '--json'],
  ...more,
];

/** Each way in, of the package of a name. */
const ways: Readonly<Record<string, (name: string) => Promise<Ended>>> = {
  'a folder': (name) => scene.ovfkit(importing(join(scene.folder, name))),
  'an archive': (name) => scene.ovfkit(importing(join(scene.folder, `${name}.ova`))),
  'a pipe': (name) => scene.ovfkit(importing('-'), { input: createReadStream(join(scene.folder, `${name}.ova`)) }),
  'an archive at a server, pulled': (name) => scene.ovfkit(importing(`${server.url}${name}.ova`, '--pull')),
  'an archive at a server, sent from here': (name) =>
    scene.ovfkit(importing(`${server.url}${name}.ova`, '--via-client')),
  'a folder at a server, pulled': (name) => importServed(name, '--pull'),
  'a folder at a server, sent from here': (name) => importServed(name, '--via-client'),
};

async function importServed(name: string, way: string): Promise<Ended> {
  const { url, close } = await serveFolder(join(scene.folder, name), 'http');
  try {
    return await scene.ovfkit(importing(`${url}${basename(scene.appliance.descriptor)}`, way));
  } finally {
    await close();
  }
}

describe.each(Object.entries(ways))('a package whose descriptor has encoded names, by %s', (_, imported) => {
  test('is imported whole, each file proven by the manifest', async () => {
    const ended = await imported('whole');
    expect(ended, ended.stderr).toMatchObject({ exitCode: 0 });
    expect(ended.stdout).not.toContain('The manifest has no digest');
    const output = join(scene.folder, 'out');
    expect(await scene.ovfkit(['export', 'odd', '--from', 'lab', '-o', output, '--overwrite'])).toMatchObject({
      exitCode: 0,
    });
    expect(await compareDisks(scene.appliance.folder, output)).toBeGreaterThan(0);
    await removeMachines();
  });

  test('is refused when a disk is damaged', async () => {
    const ended = await imported('damaged');
    expect(ended, ended.stdout).toMatchObject({ exitCode: 4 });
    expect(await (await scene.rest()).listVms()).toEqual([]);
    expect(await (await scene.rest()).listImportSessions()).toEqual([]);
  });
});

async function removeMachines(): Promise<void> {
  const rest = await scene.rest();
  for (const { vm } of await rest.listVms()) await rest.deleteVm(vm);
}
