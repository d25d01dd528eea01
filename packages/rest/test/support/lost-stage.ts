import { bytesOf, samplePackage } from '@ovfkit/conformance';
import type { ImportCreateSpec, ImportInfo, OvfParams, SessionBackend } from '@ovfkit/domain';
import { expect } from 'vitest';
import type { RestBackend } from '../../src/index.ts';

let count = 0;
/** Another one each time: names are taken but once. */
export const fresh = (word: string): string => `${word}-${++count}`;

export const { descriptor, disk } = samplePackage({ name: 'lost' });
export const push: ImportCreateSpec = { sourceType: 'PUSH_SOURCE', importFlags: [] };

/** What scenarios prepare with, undisturbed. */
export interface Stage {
  readonly backend: RestBackend;
  readonly resourcePool: string;
  /** Makes a call whose first answer is lost. */
  readonly losing: <Output>(call: (backend: SessionBackend) => Promise<Output>) => Promise<Output>;
}

export async function stateIs(backend: SessionBackend, id: string, state: string): Promise<ImportInfo> {
  await expect.poll(async () => (await backend.importSession.get({ id })).state, { timeout: 10_000 }).toBe(state);
  return backend.importSession.get({ id });
}

/** An import that waits for its parameters, and has its disk. */
export async function selecting({ backend, resourcePool }: Stage): Promise<string> {
  const id = await backend.importSession.createForResourcePool({ resourcePool, createSpec: push });
  for (const bytes of [descriptor.bytes, disk.bytes]) {
    const fileType = bytes === disk.bytes ? 'DISK' : 'OVF';
    const { files } = await backend.importSession.get({ id });
    const file = files.find((each) => each.fileType === fileType) ?? expect.fail(`no ${fileType}`);
    const address = { kind: 'import', sessionId: id, file } as const;
    await backend.files.upload({ ...address, offset: 0, size: bytes.length, bytes: bytesOf(bytes) });
    await stateIs(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  }
  return id;
}

export const chosen = (name: string): OvfParams[] => [
  { type: 'NameAndProductParams', name },
  { type: 'EulaParams', allEulaAccepted: true },
];

/** A machine, powered off. */
export async function machine(stage: Stage): Promise<string> {
  const id = await selecting(stage);
  await stage.backend.importSession.instantiate({ id, instantiationParameters: chosen(fresh('vm')) });
  const { vmId = '' } = await stateIs(stage.backend, id, 'IMPORT_COMPLETED');
  await stage.backend.importSession.delete({ id });
  return vmId;
}

export const library = ({ backend }: Stage): Promise<string> =>
  backend.contentLibrary.localLibrary.create({ createSpec: { name: fresh('library'), type: 'LOCAL' } });

/** Of a type that takes any file. */
export async function item(stage: Stage): Promise<string> {
  const libraryId = await library(stage);
  return stage.backend.contentLibrary.item.create({ createSpec: { libraryId, name: fresh('item'), type: 'other' } });
}

/** An item with a package, made from a machine. */
export async function packageItem(stage: Stage): Promise<string> {
  const { backend } = stage;
  const { ovfLibraryItemId = '' } = await backend.libraryItem.create({
    source: { type: 'VirtualMachine', id: await machine(stage) },
    target: { libraryId: await library(stage) },
    createSpec: { name: fresh('item') },
  });
  return ovfLibraryItemId;
}

export async function update(stage: Stage, itemId?: string): Promise<{ readonly updateSessionId: string }> {
  const libraryItemId = itemId ?? (await item(stage));
  const { updateSession } = stage.backend.contentLibrary;
  return { updateSessionId: await updateSession.create({ createSpec: { libraryItemId } }) };
}

export const announced = { name: 'readme.txt', sourceType: 'PUSH' } as const;

/** An update session to which a file was announced, and sent. */
export async function filled(stage: Stage, itemId?: string) {
  const session = await update(stage, itemId);
  const { backend } = stage;
  const { uploadEndpoint } = await backend.contentLibrary.updateSessionFile.add({ ...session, fileSpec: announced });
  const file = { name: announced.name, fileUrl: uploadEndpoint?.uri ?? '' };
  await backend.files.upload({
    kind: 'update',
    sessionId: session.updateSessionId,
    file,
    offset: 0,
    size: disk.bytes.length,
    bytes: bytesOf(disk.bytes),
  });
  return session;
}

export async function download(stage: Stage): Promise<string> {
  const libraryItemId = await packageItem(stage);
  return stage.backend.contentLibrary.downloadSession.create({ createSpec: { libraryItemId } });
}

export async function exporting(stage: Stage): Promise<string> {
  const { backend } = stage;
  const id = await backend.exportSession.create({
    source: { vmId: await machine(stage) },
    createSpec: { targetType: 'DOWNLOAD_TARGET', targetContentType: 'OVF_TARGET' },
  });
  await expect.poll(async () => (await backend.exportSession.get({ id })).state).toBe('EXPORT_READY');
  return id;
}

export const powerOf = async ({ backend }: Stage, vm: string) => (await backend.inventory.power.get({ vm })).state;
export const updateState = async ({ backend }: Stage, updateSessionId: string) =>
  (await backend.contentLibrary.updateSession.get({ updateSessionId })).state;
