import { expect } from 'vitest';
import {
  announced,
  download,
  filled,
  fresh,
  item,
  library,
  packageItem,
  type Stage,
  update,
  updateState,
} from './lost-stage.ts';

/** The content library, likewise. */
export const libraryScenarios: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  async 'library.delete'(stage) {
    const libraryId = await library(stage);
    await stage.losing((each) => each.contentLibrary.library.delete({ libraryId }));
    expect(await stage.backend.contentLibrary.library.list({})).not.toContain(libraryId);
  },
  async 'localLibrary.create'({ backend, losing }) {
    const name = fresh('library');
    const id = await losing((each) => each.contentLibrary.localLibrary.create({ createSpec: { name, type: 'LOCAL' } }));
    expect(await backend.contentLibrary.library.find({ spec: { name } })).toEqual([id]);
  },
  async 'localLibrary.update'(stage) {
    const libraryId = await library(stage);
    const { localLibrary } = stage.backend.contentLibrary;
    const { version = '' } = await localLibrary.get({ libraryId });
    const updateSpec = { description: 'for all', version };
    await stage.losing((each) => each.contentLibrary.localLibrary.update({ libraryId, updateSpec }));
    expect(await localLibrary.get({ libraryId })).toMatchObject({
      description: 'for all',
      version: `${Number(version) + 1}`,
    });
    const late = localLibrary.update({ libraryId, updateSpec });
    await expect(late).rejects.toMatchObject({ kind: 'CONCURRENT_CHANGE' });
  },
  async 'localLibrary.delete'(stage) {
    const libraryId = await library(stage);
    await stage.losing((each) => each.contentLibrary.localLibrary.delete({ libraryId }));
    expect(await stage.backend.contentLibrary.library.list({})).not.toContain(libraryId);
  },
  async 'item.create'(stage) {
    const libraryId = await library(stage);
    const createSpec = { libraryId, name: 'new', type: 'ovf' };
    const id = await stage.losing((each) => each.contentLibrary.item.create({ createSpec }));
    expect(await stage.backend.contentLibrary.item.list({ libraryId })).toEqual([id]);
  },
  async 'item.update'(stage) {
    const libraryItemId = await item(stage);
    const { version = '' } = await stage.backend.contentLibrary.item.get({ libraryItemId });
    const updateSpec = { name: fresh('renamed'), version };
    await stage.losing((each) => each.contentLibrary.item.update({ libraryItemId, updateSpec }));
    expect(await stage.backend.contentLibrary.item.get({ libraryItemId })).toMatchObject({
      name: updateSpec.name,
      version: `${Number(version) + 1}`,
    });
  },
  async 'item.delete'(stage) {
    const libraryItemId = await item(stage);
    await stage.losing((each) => each.contentLibrary.item.delete({ libraryItemId }));
    await expect(stage.backend.contentLibrary.item.get({ libraryItemId })).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  },
  async 'item.copy'(stage) {
    const sourceLibraryItemId = await packageItem(stage);
    const libraryId = await library(stage);
    const destinationCreateSpec = { libraryId, name: 'copy', type: 'ovf' };
    const id = await stage.losing((each) =>
      each.contentLibrary.item.copy({ sourceLibraryItemId, destinationCreateSpec }),
    );
    expect(await stage.backend.contentLibrary.item.list({ libraryId })).toEqual([id]);
  },
  async 'updateSession.create'(stage) {
    const libraryItemId = await item(stage);
    const id = await stage.losing((each) =>
      each.contentLibrary.updateSession.create({ createSpec: { libraryItemId } }),
    );
    expect(await stage.backend.contentLibrary.updateSession.list({ libraryItemId })).toEqual([id]);
  },
  async 'updateSession.keepAlive'(stage) {
    const session = await update(stage);
    await stage.losing((each) => each.contentLibrary.updateSession.keepAlive({ ...session, clientProgress: 5 }));
    expect(await stage.backend.contentLibrary.updateSession.get(session)).toMatchObject({ clientProgress: 5 });
  },
  async 'updateSession.complete'(stage) {
    const libraryItemId = await item(stage);
    const before = await stage.backend.contentLibrary.item.get({ libraryItemId });
    const session = await filled(stage, libraryItemId);
    await stage.losing((each) => each.contentLibrary.updateSession.complete(session));
    expect(await updateState(stage, session.updateSessionId)).toBe('DONE');
    const { contentVersion } = await stage.backend.contentLibrary.item.get({ libraryItemId });
    expect(Number(contentVersion)).toBe(Number(before.contentVersion) + 1);
  },
  async 'updateSession.cancel'(stage) {
    const session = await filled(stage);
    await stage.losing((each) => each.contentLibrary.updateSession.cancel(session));
    expect(await updateState(stage, session.updateSessionId)).toBe('CANCELED');
    const late = stage.losing((each) => each.contentLibrary.updateSession.complete(session));
    await expect(late).rejects.toMatchObject({ kind: 'NOT_ALLOWED_IN_CURRENT_STATE' });
  },
  async 'updateSession.fail'(stage) {
    const session = await update(stage);
    await stage.losing((each) => each.contentLibrary.updateSession.fail({ ...session, clientErrorMessage: 'no' }));
    expect(await updateState(stage, session.updateSessionId)).toBe('ERROR');
  },
  async 'updateSession.delete'(stage) {
    const libraryItemId = await item(stage);
    const session = await update(stage, libraryItemId);
    await stage.backend.contentLibrary.updateSession.cancel(session);
    await stage.losing((each) => each.contentLibrary.updateSession.delete(session));
    expect(await stage.backend.contentLibrary.updateSession.list({ libraryItemId })).toEqual([]);
  },
  async 'updateSessionFile.add'(stage) {
    const session = await update(stage);
    const { updateSessionFile } = stage.backend.contentLibrary;
    const file = await stage.losing((each) =>
      each.contentLibrary.updateSessionFile.add({ ...session, fileSpec: announced }),
    );
    expect(await updateSessionFile.list(session)).toMatchObject([{ name: file.name, status: 'WAITING_FOR_TRANSFER' }]);
    expect(file.uploadEndpoint?.uri).toContain('/');
  },
  async 'updateSessionFile.remove'(stage) {
    const session = await filled(stage);
    const fileName = announced.name;
    await stage.losing((each) => each.contentLibrary.updateSessionFile.remove({ ...session, fileName }));
    expect(await stage.backend.contentLibrary.updateSessionFile.list(session)).toEqual([]);
  },
  async 'downloadSession.create'(stage) {
    const libraryItemId = await item(stage);
    const id = await stage.losing((each) =>
      each.contentLibrary.downloadSession.create({ createSpec: { libraryItemId } }),
    );
    expect(await stage.backend.contentLibrary.downloadSession.list({ libraryItemId })).toEqual([id]);
  },
  async 'downloadSession.keepAlive'(stage) {
    const downloadSessionId = await download(stage);
    await stage.losing((each) => each.contentLibrary.downloadSession.keepAlive({ downloadSessionId, progress: 8 }));
    const session = await stage.backend.contentLibrary.downloadSession.get({ downloadSessionId });
    expect(session.clientProgress).toBe(8);
  },
  async 'downloadSession.cancel'(stage) {
    const downloadSessionId = await download(stage);
    await stage.losing((each) => each.contentLibrary.downloadSession.cancel({ downloadSessionId }));
    const { state } = await stage.backend.contentLibrary.downloadSession.get({ downloadSessionId });
    expect(state).toBe('CANCELED');
  },
  async 'downloadSession.delete'(stage) {
    const downloadSessionId = await download(stage);
    await stage.losing((each) => each.contentLibrary.downloadSession.delete({ downloadSessionId }));
    const gone = stage.backend.contentLibrary.downloadSession.get({ downloadSessionId });
    await expect(gone).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  },
  async 'downloadSessionFile.prepare'(stage) {
    const downloadSessionId = await download(stage);
    const { downloadSessionFile } = stage.backend.contentLibrary;
    const [file] = await downloadSessionFile.list({ downloadSessionId });
    const fileName = file?.name ?? '';
    const prepared = await stage.losing((each) =>
      each.contentLibrary.downloadSessionFile.prepare({ downloadSessionId, fileName }),
    );
    expect(prepared.downloadEndpoint?.uri).toContain('/');
  },
};
