import { collect, type SampleFile, type SamplePackage } from '@ovfkit/conformance';
import type { SessionBackend, UpdateFileSpec, UploadState } from '@ovfkit/domain';
import { pieces } from './session.ts';

/** A library with an empty item; gives the ids. */
export async function createItem(backend: SessionBackend, { name = 'app', type = 'ovf' } = {}) {
  const { localLibrary, item } = backend.contentLibrary;
  const libraryId = await localLibrary.create({ createSpec: { name: 'templates', type: 'LOCAL' } });
  const itemId = await item.create({ createSpec: { libraryId, name, type } });
  return { libraryId, itemId };
}

/** An update session of the item. */
export const beginUpdate = (backend: SessionBackend, libraryItemId: string): Promise<string> =>
  backend.contentLibrary.updateSession.create({ createSpec: { libraryItemId } });

interface Push {
  readonly id: string;
  readonly file: SampleFile;
  readonly spec?: Partial<UpdateFileSpec>;
}

/** Announces a file and sends it. */
export async function pushFile(backend: SessionBackend, { id, file, spec = {} }: Push): Promise<UploadState> {
  const { name, bytes } = file;
  const fileSpec = { name, sourceType: 'PUSH', ...spec };
  const { uploadEndpoint } = await backend.contentLibrary.updateSessionFile.add({ updateSessionId: id, fileSpec });
  const address = { kind: 'update', sessionId: id, file: { name, fileUrl: uploadEndpoint?.uri ?? '' } } as const;
  return backend.files.upload({ ...address, offset: 0, size: bytes.length, bytes: pieces(bytes) });
}

/** Gives an item these files, and waits until it has them. */
export async function fillItem(backend: SessionBackend, itemId: string, files: readonly SampleFile[]): Promise<string> {
  const id = await beginUpdate(backend, itemId);
  for (const file of files) await pushFile(backend, { id, file });
  await backend.contentLibrary.updateSession.complete({ updateSessionId: id });
  return id;
}

/** The files of a package in the order in which a library takes them. */
export const filesOf = ({ manifest, descriptor, disk, bundles }: SamplePackage): readonly SampleFile[] => [
  manifest,
  descriptor,
  disk,
  ...bundles,
];

/** The bytes of every file of an item, by a download session. */
export async function downloadItem(
  backend: SessionBackend,
  libraryItemId: string,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const { downloadSession, downloadSessionFile } = backend.contentLibrary;
  const sessionId = await downloadSession.create({ createSpec: { libraryItemId } });
  const got = new Map<string, Uint8Array>();
  for (const { name } of await downloadSessionFile.list({ downloadSessionId: sessionId })) {
    await downloadSessionFile.prepare({ downloadSessionId: sessionId, fileName: name, endpointType: 'HTTPS' });
    const { bytes } = await backend.files.download({ kind: 'download', sessionId, file: { name } });
    got.set(name, await collect(bytes));
  }
  await downloadSession.delete({ downloadSessionId: sessionId });
  return got;
}
