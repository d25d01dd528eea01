import assert from 'node:assert/strict';
import type { ExportCreateSpec } from '@ovfkit/domain';
import { exportFlags } from '@ovfkit/domain';
import type { Case } from './case.ts';
import { collect, sha256 } from './sample-bytes.ts';
import { type BackendSubject, refuses, sceneCase, untilReady } from './scene.ts';

const download: ExportCreateSpec = { targetType: 'DOWNLOAD_TARGET', targetContentType: 'OVF_TARGET' };

/** What an export refuses. */
export const exportRefusalCases: readonly Case<BackendSubject>[] = [
  sceneCase(
    'an export of a machine that does not exist, of none or of two is refused',
    async ({ backend: { exportSession } }) => {
      await refuses(exportSession.create({ source: { vmId: 'vm-none' }, createSpec: download }), 'NOT_FOUND');
      await refuses(exportSession.create({ source: { vappId: 'resgroup-none' }, createSpec: download }), 'NOT_FOUND');
      await refuses(exportSession.create({ source: {}, createSpec: download }), 'INVALID_ARGUMENT');
      const both = { vmId: 'vm-1', vappId: 'resgroup-v1' };
      await refuses(exportSession.create({ source: both, createSpec: download }), 'INVALID_ARGUMENT');
    },
  ),
  sceneCase('an export with an unknown flag, or fields of another target, is refused', async (scene) => {
    const { exportSession } = scene.backend;
    const vmId = await scene.importSample(scene.newPackage());
    const specs: readonly ExportCreateSpec[] = [
      { ...download, exportFlags: ['NO_SUCH_FLAG'] },
      { ...download, contentLibrary: 'library-1' },
      { targetType: 'CONTENT_LIBRARY_TARGET' },
      { targetType: 'TARGET_OF_TOMORROW' },
    ];
    for (const createSpec of specs) {
      await refuses(exportSession.create({ source: { vmId }, createSpec }), 'INVALID_ARGUMENT');
    }
    await refuses(
      exportSession.create({ source: { vmId }, clientToken: 'not a uuid', createSpec: download }),
      'INVALID_ARGUMENT',
    );
  }),
  sceneCase('every flag that is listed is accepted', async (scene) => {
    const { backend } = scene;
    const vm = await scene.importSample(scene.newPackage());
    const listed = (await backend.exportFlag.list({})).map(({ option }) => option);
    for (const { option } of exportFlags) assert.ok(listed.includes(option), option);
    await untilReady(backend, await scene.createExport(vm, { exportFlags: listed }));
  }),
  sceneCase('without a content library an export to it is refused', async (scene) => {
    const { backend } = scene;
    if (backend.features.contentLibrary) return;
    const vmId = await scene.importSample(scene.newPackage());
    const createSpec: ExportCreateSpec = { targetType: 'CONTENT_LIBRARY_TARGET', contentLibrary: 'library-1' };
    await refuses(backend.exportSession.create({ source: { vmId }, createSpec }), 'UNSUPPORTED');
  }),
  sceneCase('a range beyond the end of a file is refused', async (scene) => {
    const { backend } = scene;
    const id = await scene.createExport(await scene.importSample(scene.newPackage()));
    const [file] = (await untilReady(backend, id)).files;
    assert.ok(file);
    const size = file.size ?? 0;
    const beyond = { kind: 'export', sessionId: id, file, range: { start: size, end: size + 1 } } as const;
    const call = async () => collect((await backend.files.download(beyond)).bytes);
    await refuses(call(), 'INVALID_ARGUMENT');
  }),
  sceneCase('a range of another version of a file than the one that was asked for is refused', async (scene) => {
    const { backend } = scene;
    const id = await scene.createExport(await scene.importSample(scene.newPackage()));
    const [file] = (await untilReady(backend, id)).files;
    assert.ok(file);
    const address = { kind: 'export', sessionId: id, file } as const;
    const whole = await backend.files.download(address);
    const bytes = await collect(whole.bytes);
    const range = { start: 1, end: bytes.length };
    const part = await backend.files.download({ ...address, range, etag: whole.etag });
    assert.equal(sha256(await collect(part.bytes)), sha256(bytes.subarray(1)));
    const call = async () => collect((await backend.files.download({ ...address, range, etag: '"other"' })).bytes);
    await refuses(call(), 'CONCURRENT_CHANGE');
  }),
];
