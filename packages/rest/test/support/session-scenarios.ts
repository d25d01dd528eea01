import { bytesOf } from '@ovfkit/conformance';
import { expect } from 'vitest';
import {
  chosen,
  descriptor,
  exporting,
  fresh,
  library,
  machine,
  packageItem,
  powerOf,
  push,
  type Stage,
  selecting,
  stateIs,
} from './lost-stage.ts';

/** Sessions, and machines of the inventory: each makes one call whose answer is lost, and looks at what there is afterwards: what one call makes, no more. */
export const sessionScenarios: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  async 'importSession.createForResourcePool'(stage) {
    const { backend, resourcePool, losing } = stage;
    const before = await backend.importSession.list({});
    const id = await losing((each) => each.importSession.createForResourcePool({ resourcePool, createSpec: push }));
    expect((await backend.importSession.list({})).map((each) => each.id)).toEqual([
      ...before.map((each) => each.id),
      id,
    ]);
  },
  async 'importSession.instantiate'(stage) {
    const { backend, losing } = stage;
    const id = await selecting(stage);
    const name = fresh('vm');
    await losing((each) => each.importSession.instantiate({ id, instantiationParameters: chosen(name) }));
    const { vmId } = await stateIs(backend, id, 'IMPORT_COMPLETED');
    expect(await backend.inventory.vm.list({ names: [name] })).toMatchObject([{ vm: vmId }]);
  },
  async 'importSession.progress'(stage) {
    const { backend, losing, resourcePool } = stage;
    const id = await backend.importSession.createForResourcePool({ resourcePool, createSpec: push });
    const { files } = await backend.importSession.get({ id });
    const [file = expect.fail('no descriptor')] = files;
    const size = descriptor.bytes.length;
    const bytes = bytesOf(descriptor.bytes);
    await backend.files.upload({ kind: 'import', sessionId: id, file, offset: 0, size, bytes });
    await stateIs(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
    await backend.importSession.instantiate({ id, instantiationParameters: chosen(fresh('vm')) });
    await losing((each) => each.importSession.progress({ id, percent: 40 }));
    expect((await backend.importSession.get({ id })).progress).toBe(40);
  },
  async 'importSession.delete'(stage) {
    const id = await selecting(stage);
    await stage.losing((each) => each.importSession.delete({ id }));
    await expect(stage.backend.importSession.get({ id })).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  },
  async 'probeImportSession.createProbeImportSession'({ backend, losing }) {
    const id = await losing((each) => each.probeImportSession.createProbeImportSession({ createSpec: push }));
    expect((await backend.probeImportSession.get({ id })).state).toBe('PROBE_IMPORT_OVF_TRANSFER');
  },
  async 'probeImportSession.delete'({ backend, losing }) {
    const id = await backend.probeImportSession.createProbeImportSession({ createSpec: push });
    await losing((each) => each.probeImportSession.delete({ id }));
    await expect(backend.probeImportSession.get({ id })).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  },
  async 'exportSession.create'(stage) {
    const vmId = await machine(stage);
    const createSpec = { targetType: 'DOWNLOAD_TARGET', targetContentType: 'OVF_TARGET' } as const;
    const before = (await stage.backend.exportSession.list({})).length;
    await stage.losing((each) => each.exportSession.create({ source: { vmId }, createSpec }));
    expect(await stage.backend.exportSession.list({})).toHaveLength(before + 1);
  },
  async 'exportSession.progress'(stage) {
    const id = await exporting(stage);
    await stage.losing((each) => each.exportSession.progress({ id, percent: 70 }));
    expect((await stage.backend.exportSession.get({ id })).state).toBe('EXPORT_READY');
  },
  async 'exportSession.delete'(stage) {
    const id = await exporting(stage);
    await stage.losing((each) => each.exportSession.delete({ id }));
    await expect(stage.backend.exportSession.get({ id })).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  },
  async 'libraryItem.create'(stage) {
    const source = { type: 'VirtualMachine', id: await machine(stage) };
    const libraryId = await library(stage);
    const createSpec = { name: 'golden' };
    const made = await stage.losing((each) => each.libraryItem.create({ source, target: { libraryId }, createSpec }));
    expect(await stage.backend.contentLibrary.item.list({ libraryId })).toEqual([made.ovfLibraryItemId]);
  },
  async 'libraryItem.deploy'(stage) {
    const { backend, resourcePool: resourcePoolId, losing } = stage;
    const ovfLibraryItemId = await packageItem(stage);
    const name = fresh('deployed');
    const deploymentSpec = { name, acceptAllEula: true };
    const result = await losing((each) =>
      each.libraryItem.deploy({ ovfLibraryItemId, target: { resourcePoolId }, deploymentSpec }),
    );
    expect(await backend.inventory.vm.list({ names: [name] })).toMatchObject([{ vm: result.resourceId?.id }]);
  },
  async 'vm.delete'(stage) {
    const vm = await machine(stage);
    await stage.losing((each) => each.inventory.vm.delete({ vm }));
    expect(await stage.backend.inventory.vm.list({ vms: [vm] })).toEqual([]);
  },
  async 'vm.markAsTemplate'(stage) {
    const vm = await machine(stage);
    await stage.losing((each) => each.inventory.vm.markAsTemplate({ vm }));
    expect((await stage.backend.inventory.vm.get({ vm })).ovf?.template).toBe(true);
  },
  async 'power.start'(stage) {
    const vm = await machine(stage);
    await stage.losing((each) => each.inventory.power.start({ vm }));
    expect(await powerOf(stage, vm)).toBe('POWERED_ON');
  },
  async 'power.stop'(stage) {
    const vm = await machine(stage);
    await stage.backend.inventory.power.start({ vm });
    await stage.losing((each) => each.inventory.power.stop({ vm }));
    expect(await powerOf(stage, vm)).toBe('POWERED_OFF');
  },
  async 'power.suspend'(stage) {
    const vm = await machine(stage);
    await stage.backend.inventory.power.start({ vm });
    await stage.losing((each) => each.inventory.power.suspend({ vm }));
    expect(await powerOf(stage, vm)).toBe('SUSPENDED');
  },
  async 'power.reset'(stage) {
    const vm = await machine(stage);
    await stage.backend.inventory.power.start({ vm });
    // nobody can tell whether it was done, so it is not done again
    const refused = stage.losing((each) => each.inventory.power.reset({ vm }));
    await expect(refused).rejects.toMatchObject({ kind: /RESOURCE_INACCESSIBLE|SERVICE_UNAVAILABLE/ });
  },
};
