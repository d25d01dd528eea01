import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ExportCreateSpec, ExportInfo, SessionBackend } from '@ovfkit/domain';
import type { Case } from './case.ts';
import { exportRefusalCases } from './export-refusal-cases.ts';
import { readArchive, type SampleFile } from './sample-archive.ts';
import { collect, sha256 } from './sample-bytes.ts';
import { type BackendSubject, refuses, sceneCase, until, untilReady } from './scene.ts';

async function downloadAll(
  backend: SessionBackend,
  sessionId: string,
  info: ExportInfo,
): Promise<readonly SampleFile[]> {
  const files: SampleFile[] = [];
  for (const file of info.files) {
    const { bytes } = await backend.files.download({ kind: 'export', sessionId, file });
    files.push({ name: file.name, bytes: await collect(bytes) });
  }
  return files;
}

const find = (files: readonly SampleFile[], suffix: string): SampleFile => {
  const file = files.find(({ name }) => name.endsWith(suffix));
  assert.ok(file, `no file *${suffix} among ${files.map(({ name }) => name).join(', ')}`);
  return file;
};

/** Every file but the manifest has a line in it, and every line is right. */
function checkManifest(files: readonly SampleFile[]): void {
  const lines = new TextDecoder().decode(find(files, '.mf').bytes).trimEnd().split('\n');
  const expected = files
    .filter(({ name }) => !name.endsWith('.mf'))
    .map(({ name, bytes }) => `SHA256(${name})= ${sha256(bytes)}`);
  assert.deepEqual(lines.toSorted(), expected.toSorted());
}

const downloadCases: readonly Case<BackendSubject>[] = [
  sceneCase(
    'an exported machine downloads as files whose disk is the imported one and whose manifest is right',
    async (scene) => {
      const { backend } = scene;
      const sample = scene.newPackage();
      const vm = await scene.importSample(sample);
      const id = await scene.createExport(vm);
      const info = await untilReady(backend, id);
      const files = await downloadAll(backend, id, info);
      assert.equal(new Set(files.map(({ name }) => name)).size, files.length);
      assert.equal(sha256(find(files, '.vmdk').bytes), sha256(sample.disk.bytes));
      assert.ok(new TextDecoder().decode(find(files, '.ovf').bytes).includes(find(files, '.vmdk').name));
      checkManifest(files);
      for (const file of info.files) {
        const bytes = files.find(({ name }) => name === file.name)?.bytes ?? new Uint8Array();
        assert.equal(file.size, bytes.length, file.name);
        if (file.sha256) assert.equal(file.sha256, sha256(bytes), file.name);
      }
    },
  ),
  sceneCase(
    'an exported archive begins with the descriptor and holds the imported disk and a right manifest',
    async (scene) => {
      const { backend } = scene;
      const sample = scene.newPackage();
      const id = await scene.createExport(await scene.importSample(sample), { targetContentType: 'OVA_TARGET' });
      const info = await untilReady(backend, id);
      assert.deepEqual(
        info.files.map(({ fileType }) => fileType),
        ['OVA'],
      );
      const [ova] = await downloadAll(backend, id, info);
      assert.equal(ova?.bytes.length, info.files[0]?.size);
      const files = readArchive(ova?.bytes ?? new Uint8Array());
      assert.ok(files[0]?.name.endsWith('.ovf'));
      assert.equal(sha256(find(files, '.vmdk').bytes), sha256(sample.disk.bytes));
      checkManifest(files);
    },
  ),
  sceneCase('a download gives any range of a file, and the same validator each time', async (scene) => {
    const { backend } = scene;
    const sample = scene.newPackage();
    const vm = await scene.importSample(sample);
    for (const targetContentType of ['OVF_TARGET', 'OVA_TARGET'] as const) {
      const id = await scene.createExport(vm, { targetContentType });
      for (const file of (await untilReady(backend, id)).files) {
        const address = { kind: 'export', sessionId: id, file } as const;
        const first = await backend.files.download(address);
        const whole = await collect(first.bytes);
        const size = whole.length;
        for (const [start = 0, end = 0] of [
          [0, 1],
          [100, Math.min(700, size)],
          [size - 1, size],
        ]) {
          const part = await backend.files.download({ ...address, range: { start, end } });
          assert.equal(
            sha256(await collect(part.bytes)),
            sha256(whole.subarray(start, end)),
            `${file.name} ${start} to ${end}`,
          );
          assert.equal(part.etag, first.etag);
        }
      }
    }
  }),
  sceneCase('an export can be imported again, its manifest checked', async (scene) => {
    const { backend } = scene;
    const exported = await scene.createExport(await scene.importSample(scene.newPackage()));
    const files = await downloadAll(backend, exported, await untilReady(backend, exported));
    const copy = scene.newPackage();
    const id = await scene.pushDescriptor(
      { ...copy, descriptor: find(files, '.ovf') },
      { pushSourceOvfOption: 'MANIFEST' },
    );
    const manifest = (await backend.importSession.get({ id })).files.find(({ fileType }) => fileType === 'MANIFEST');
    await backend.importSession.instantiate({ id, instantiationParameters: scene.parameters(copy.name) });
    await scene.send(id, find(files, '.mf'), manifest?.name);
    await scene.send(id, find(files, '.vmdk'));
    const { vmId } = await until(backend, id, 'IMPORT_COMPLETED');
    assert.deepEqual(await scene.machines(copy.name), [vmId]);
  }),
  sceneCase('name and description of an export go into its descriptor', async (scene) => {
    const { backend } = scene;
    const vm = await scene.importSample(scene.newPackage());
    const id = await scene.createExport(vm, { name: 'renamed-app', description: 'A <new> & better text' });
    const files = await downloadAll(backend, id, await untilReady(backend, id));
    const text = new TextDecoder().decode(find(files, '.ovf').bytes);
    assert.ok(text.includes('renamed-app'));
    assert.ok(text.includes('A &lt;new> &amp; better text') || text.includes('A &lt;new&gt; &amp; better text'), text);
  }),
];

const lifeCases: readonly Case<BackendSubject>[] = [
  sceneCase('a preview lists the descriptor and the disks an export has', async (scene) => {
    const { exportSession } = scene.backend;
    const vmId = await scene.importSample(scene.newPackage());
    const { files } = await exportSession.preview({ source: { vmId }, previewSpec: {} });
    assert.deepEqual(files.map(({ name }) => name.slice(name.lastIndexOf('.'))).toSorted(), ['.ovf', '.vmdk']);
    await refuses(exportSession.preview({ source: { vmId: 'vm-none' }, previewSpec: {} }), 'NOT_FOUND');
    await refuses(exportSession.preview({ source: {}, previewSpec: {} }), 'INVALID_ARGUMENT');
  }),
  sceneCase('progress of an export may rise and stay, but not fall or pass 100', async (scene) => {
    const { exportSession } = scene.backend;
    const id = await scene.createExport(await scene.importSample(scene.newPackage()));
    await untilReady(scene.backend, id);
    await exportSession.progress({ id, percent: 85 });
    await exportSession.progress({ id, percent: 85 });
    await refuses(exportSession.progress({ id, percent: 84 }), 'INVALID_ARGUMENT');
    await refuses(exportSession.progress({ id, percent: 101 }), 'INVALID_ARGUMENT');
    await refuses(exportSession.progress({ id: randomUUID(), percent: 101 }), 'NOT_FOUND');
  }),
  sceneCase('the same client token gives the same export, and a deleted one is gone', async (scene) => {
    const { exportSession } = scene.backend;
    const vmId = await scene.importSample(scene.newPackage());
    const createSpec: ExportCreateSpec = { targetType: 'DOWNLOAD_TARGET' };
    const request = { source: { vmId }, clientToken: randomUUID(), createSpec };
    const id = await exportSession.create(request);
    assert.equal(await exportSession.create(request), id);
    await untilReady(scene.backend, id);
    await exportSession.delete({ id });
    await exportSession.delete({ id });
    await refuses(exportSession.get({ id }), 'NOT_FOUND');
  }),
  sceneCase('an export does not take the machine with it when it is deleted', async (scene) => {
    const sample = scene.newPackage();
    const vm = await scene.importSample(sample);
    const first = await scene.createExport(vm);
    await untilReady(scene.backend, first);
    await scene.backend.exportSession.delete({ id: first });
    const second = await scene.createExport(vm);
    const files = await downloadAll(scene.backend, second, await untilReady(scene.backend, second));
    assert.equal(sha256(find(files, '.vmdk').bytes), sha256(sample.disk.bytes));
  }),
];

/** Exports: what is downloaded, and how long it lasts. */
export const exportCases: readonly Case<BackendSubject>[] = [...downloadCases, ...lifeCases, ...exportRefusalCases];
