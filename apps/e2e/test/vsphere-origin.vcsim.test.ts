import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { openPackage } from '@ovfkit/package-format/node';
import { createRestBackend } from '@ovfkit/rest';
import { describe, expect, onTestFinished, test } from 'vitest';
import { serveFolder } from '../src/file-server.ts';
import { jsonLines } from '../src/ovfkit.ts';
import { resultOf } from './support/scene.ts';
import { openVcsimScene, type VcsimScene } from './support/vcsim-scene.ts';

const place = ['--net', 'Frontend=VM Network', '--net', 'Backend=VM Network', '--accept-eula'] as const;

async function open() {
  const scene = await openVcsimScene();
  onTestFinished(() => scene.close());
  const serve = async (folder: string): Promise<string> => {
    const files = await serveFolder(folder, 'http');
    onTestFinished(() => files.close());
    return files.url;
  };
  const url = await serve(dirname(scene.appliance));
  /** Addresses of the files of the same package, each by itself. */
  const unpacked = async (): Promise<readonly string[]> => {
    const folder = join(scene.folder, 'unpacked');
    await mkdir(folder);
    const { members, read, close } = await openPackage(scene.appliance);
    const names = members.map(({ name }) => name).filter((name) => !name.endsWith('.mf'));
    for (const name of names) await writeFile(join(folder, name), read(name));
    await close();
    const base = await serve(folder);
    return names.map((name) => `${base}${name}`);
  };
  const { locator, vcsim } = scene;
  const importOf = (source: string, ...more: readonly string[]) =>
    scene.ovfkit([
      ...['import', source, '--to', `${locator}/DC0/host/DC0_C0`, '--thumbprint', vcsim.thumbprint, '--json'],
      ...place,
      ...more,
    ]);
  return { ...scene, archive: `${url}sample.ova`, unpacked, importOf };
}

const told = (stdout: string): readonly unknown[] =>
  jsonLines(stdout)
    .filter(({ type }) => type === 'information')
    .map(({ message }) => message);

/** Has the simulator fetch a package into an item of its library. */
async function keepItem(
  { vcsim }: VcsimScene,
  { name, uris }: { readonly name: string; readonly uris: readonly string[] },
) {
  const { url, user, password, thumbprint } = vcsim;
  const { contentLibrary, close } = await createRestBackend({ url, user, password, thumbprint });
  const { item, localLibrary, updateSession, updateSessionFile } = contentLibrary;
  const [libraryId = ''] = await localLibrary.list({});
  const libraryItemId = await item.create({ createSpec: { libraryId, name, type: 'ovf' } });
  const updateSessionId = await updateSession.create({ createSpec: { libraryItemId } });
  for (const uri of uris) {
    const fileSpec = { name: basename(uri), sourceType: 'PULL' as const, sourceEndpoint: { uri } };
    await updateSessionFile.add({ updateSessionId, fileSpec });
  }
  const statuses = async () => (await updateSessionFile.list({ updateSessionId })).map(({ status }) => status);
  await expect.poll(async () => new Set(await statuses())).toEqual(new Set(['READY']));
  await updateSession.complete({ updateSessionId });
  await close();
}

describe('a vCenter without the session API', () => {
  test('deploys an item of its own library, and keeps it', async () => {
    const scene = await open();
    const items = await scene.makeLibrary('kept');
    await keepItem(scene, { name: 'appliance', uris: await scene.unpacked() });
    const ended = await scene.importOf('library:kept/appliance', '-n', 'from-item');
    expect(resultOf(ended)).toMatchObject({ status: 'succeeded', bytesSent: 0 });
    expect(told(ended.stdout)[0]).toMatch(/content library, for the package is in it/);
    expect(await scene.machines()).toContain('from-item');
    expect(await items()).toBe(1);
    const lease = await scene.importOf('library:kept/appliance', '-n', 'by-lease', '--via', 'lease');
    expect(lease).toMatchObject({ exitCode: 5 });
    expect(lease.stdout).toMatch(/by no lease/);
  });

  test('has its library fetch what is at a URL, and nothing passes through the client', async () => {
    const scene = await open();
    const items = await scene.makeLibrary('staging');
    const ended = await scene.importOf(scene.archive, '-n', 'fetched', '--pull');
    expect(resultOf(ended)).toMatchObject({ status: 'succeeded', bytesSent: 0 });
    expect(await scene.machines()).toContain('fetched');
    expect(await items()).toBe(0);
  });

  test('is sent what its hosts do not fetch, unless that was insisted on', async () => {
    const scene = await open();
    const ended = await scene.importOf(scene.archive, '-n', 'sent');
    expect(resultOf(ended)).toMatchObject({ status: 'succeeded' });
    expect(told(ended.stdout).at(-1)).toMatch(/sent from here: The hosts of this vSphere fetch no files/);
    expect(await scene.machines()).toContain('sent');
    const insisted = await scene.importOf(scene.archive, '-n', 'insisted', '--pull');
    expect(insisted.exitCode).not.toBe(0);
    expect(await scene.machines()).not.toContain('insisted');
  });
});
