import { type OvfParams, Privilege } from '@ovfkit/domain';
import { expect, test } from 'vitest';
import { startEngine } from './support/engine.ts';
import { beginUpdate, createItem } from './support/library.ts';
import { richDescriptor } from './support/rich-package.ts';
import { createImport, push, send, until } from './support/session.ts';

const without = (...lacking: readonly Privilege[]) => ({
  user: 'ann',
  isAdmin: false,
  privileges: new Set(Privilege.options.filter((each) => !lacking.includes(each))),
});
const refused = (privilege: Privilege) => ({ kind: 'UNAUTHORIZED', message: expect.stringContaining(privilege) });
const pull = { importFlags: [], sourceType: 'PULL_SOURCE', pullSource: 'https://repo.example.com/a.ovf' };

test('who may not have the server fetch can push, but neither pull nor probe', async () => {
  const { engine } = await startEngine();
  const { importSession, probeImportSession, ...rest } = engine.backendFor(without('VApp.PullFromUrls'));
  const lacks = refused('VApp.PullFromUrls');
  const resourcePool = 'resgroup-8';
  await expect(importSession.createForResourcePool({ resourcePool, createSpec: pull })).rejects.toMatchObject(lacks);
  await expect(probeImportSession.createProbeImportSession({ createSpec: pull })).rejects.toMatchObject(lacks);
  await expect(importSession.probe({ uri: pull.pullSource })).rejects.toMatchObject(lacks);
  await expect(createImport({ ...rest, importSession, probeImportSession }, push)).resolves.toEqual(expect.any(String));
});

test('nor can files of a library be fetched by who may not pull', async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(without('VApp.PullFromUrls'));
  const { itemId } = await createItem(backend);
  const id = await beginUpdate(backend, itemId);
  const sourceEndpoint = { uri: pull.pullSource };
  const fileSpec = { name: 'a.ovf', sourceType: 'PULL', sourceEndpoint };
  const { updateSessionFile } = backend.contentLibrary;
  const lacks = refused('VApp.PullFromUrls');
  await expect(updateSessionFile.add({ updateSessionId: id, fileSpec })).rejects.toMatchObject(lacks);
  await expect(updateSessionFile.probe({ sourceEndpoint })).rejects.toMatchObject(lacks);
});

const network: OvfParams = { type: 'NetworkMappingParams', sourceNetworks: [{ name: 'net', target: 'network-7' }] };
const datastore: OvfParams = { type: 'DatastoreMappingParams', targetDatastore: 'datastore-12' };
const dependency =
  '<vmw:vServiceDependencySection ovf:required="false" vmw:id="dep"><Info>Wants</Info><vmw:Type>x</vmw:Type></vmw:vServiceDependencySection>';
const cases: readonly (readonly [Privilege, string, readonly OvfParams[]])[] = [
  ['VirtualMachine.Config.AddNewDisk', richDescriptor, []],
  ['VirtualMachine.Config.AdvancedConfig', richDescriptor, []],
  ['Extension.Register', richDescriptor.replace('<ProductSection>', `${dependency}<ProductSection>`), []],
  ['Network.Assign', richDescriptor, [network]],
  ['Datastore.AllocateSpace', richDescriptor, [datastore]],
];

test.each(cases)('%s is asked for by a package or parameters that need it', async (privilege, text, parameters) => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(without(privilege));
  const id = await createImport(backend, push);
  await send(backend, { id, name: 'descriptor.ovf', bytes: new TextEncoder().encode(text) });
  await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  const call = { id, instantiationParameters: parameters };
  await expect(backend.importSession.tryInstantiate(call)).rejects.toMatchObject(refused(privilege));
  await expect(backend.importSession.instantiate(call)).rejects.toMatchObject(refused(privilege));
  const allowed = engine.backendFor({ user: 'ann', isAdmin: false });
  await expect(allowed.importSession.tryInstantiate(call)).resolves.toMatchObject({ errors: [] });
});

test('networks and datastores that are not named ask for nothing', async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(without('Network.Assign', 'Datastore.AllocateSpace'));
  const id = await createImport(backend, push);
  await send(backend, { id, name: 'descriptor.ovf', bytes: new TextEncoder().encode(richDescriptor) });
  await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  await expect(backend.importSession.tryInstantiate({ id, instantiationParameters: [] })).resolves.toBeDefined();
});

test('a probe session cannot be instantiated, which is said as such', async () => {
  const { engine } = await startEngine();
  const { importSession, probeImportSession } = engine.backendFor({ user: 'ann', isAdmin: false });
  const id = await probeImportSession.createProbeImportSession({ createSpec: push });
  const call = { id, instantiationParameters: [] };
  await expect(importSession.instantiate(call)).rejects.toMatchObject({ kind: 'UNSUPPORTED' });
  const other = engine.backendFor({ user: 'bob', isAdmin: false });
  await expect(other.importSession.instantiate(call)).rejects.toMatchObject({ kind: 'NOT_FOUND' });
});
