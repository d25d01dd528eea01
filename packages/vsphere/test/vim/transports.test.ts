import { describe, expect, onTestFinished, test } from 'vitest';
import {
  connectVim,
  managedObject,
  nothing,
  optional,
  reference,
  retrieve,
  retrieveAll,
  retrieveOne,
  taskResult,
  text,
  type VimClient,
  type VimOptions,
  whole,
} from '../../src/index.ts';
import { sampleOf, VimServerFault } from '../support/vim-server/model.ts';
import { startSampleVcenter } from '../support/vim-server/sample-vcenter.ts';
import type { VimServer } from '../support/vim-server/vim-server.ts';

async function start(): Promise<VimServer> {
  const server = await startSampleVcenter();
  onTestFinished(() => server.close());
  return server;
}

async function connect({ url }: VimServer, options: Partial<VimOptions> = {}): Promise<VimClient> {
  const vim = await connectVim({ url, user: 'user', password: 'pass', ...options });
  onTestFinished(() => vim.close());
  return vim;
}

const web = managedObject('VirtualMachine', 'vm-36');
const isLogin = (call: string): boolean => call.endsWith('.Login');

describe.each(['soap', 'vi-json'] as const)('over %s', (transport) => {
  test('properties of every kind are read as they are', async () => {
    const vim = await connect(await start(), { transport });
    const properties = {
      name: text,
      parent: optional(reference),
      'runtime.host': reference,
      'summary.config.memorySizeMB': whole,
      resourcePool: reference,
      snapshot: optional(reference),
    };
    expect(await retrieveOne(vim, { object: web, properties })).toEqual({
      name: 'web',
      parent: managedObject('Folder', 'group-v3'),
      'runtime.host': managedObject('HostSystem', 'host-13'),
      'summary.config.memorySizeMB': 512,
      resourcePool: managedObject('ResourcePool', 'resgroup-11'),
      snapshot: undefined,
    });
  });

  test('an inventory of many pages is read to its end, and the view is given back', async () => {
    const server = await start();
    server.pageSize = 2;
    const vim = await connect(server, { transport });
    const names = (await retrieveAll(vim, { type: 'ManagedEntity', properties: { name: text } })).map(
      ({ properties }) => properties.name,
    );
    const inside = server.model.all().filter(({ properties }) => properties['parent'] ?? properties['parentVApp']);
    expect(names).toHaveLength(inside.length);
    expect(new Set(names)).toContain('suite-web');
    const left = () => server.model.all().filter(({ ref }) => ['page', 'ContainerView'].includes(ref.type));
    await expect.poll(left).toEqual([]); // nobody waits until a view is gone
  });

  test('what the user may not see is left out of lists, and refused where it is asked for by itself', async () => {
    const server = await start();
    const vim = await connect(server, { transport });
    sampleOf(server.model, 'vm-37').hidden.add('name').add('parent');
    const properties = { name: text, parent: optional(reference) };
    const machines = await retrieveAll(vim, { type: 'VirtualMachine', properties });
    expect(machines.map(({ ref }) => ref.value)).toEqual(['vm-36', 'vm-41']);
    const object = managedObject('VirtualMachine', 'vm-37');
    await expect(retrieveOne(vim, { object, properties })).rejects.toMatchObject({
      kind: 'UNAUTHORIZED',
      data: { fault: 'NoPermission', method: 'RetrievePropertiesEx', detail: { privilegeId: 'System.Read' } },
    });
    const { parent } = properties;
    expect(await retrieveOne(vim, { object, properties: { parent } })).toEqual({ parent: undefined });
  });

  test('asking for nothing sends nothing, and gives nothing', async () => {
    const server = await start();
    const vim = await connect(server, { transport });
    const before = server.calls.length;
    expect(await retrieve(vim, { type: 'VirtualMachine', objects: [], properties: { name: text } })).toEqual([]);
    expect(server.calls).toHaveLength(before);
  });

  test('a fault is an error with its kind, its type, its fields and its text', async () => {
    const server = await start();
    const vim = await connect(server, { transport });
    const fault = new VimServerFault('NoPermission', 'Permission to perform this operation was denied.', {
      object: web,
      privilegeId: 'VApp.Import',
    });
    server.trouble('PowerOnVM_Task', { fault });
    const call = vim.call({ name: 'PowerOnVM_Task', result: reference, isRepeatable: false }, { object: web });
    await expect(call).rejects.toMatchObject({
      name: 'SessionError',
      kind: 'UNAUTHORIZED',
      message:
        'Permission to perform this operation was denied (NoPermission). The user needs the privilege VApp.Import there.',
      data: { fault: 'NoPermission', method: 'PowerOnVM_Task', detail: { object: web, privilegeId: 'VApp.Import' } },
    });
  });

  test('a task that fails is an error as if the call had', async () => {
    const vim = await connect(await start(), { transport });
    const task = await vim.call({ name: 'ResetVM_Task', result: reference, isRepeatable: false }, { object: web });
    await expect(taskResult(vim, { task, method: 'ResetVM_Task', result: nothing })).rejects.toMatchObject({
      kind: 'NOT_ALLOWED_IN_CURRENT_STATE',
      data: { fault: 'InvalidPowerState', method: 'ResetVM_Task' },
    });
  });

  test('a session that ended is opened again, once for all who find out at the same time, and their calls are made again', async () => {
    const server = await start();
    const vim = await connect(server, { transport });
    server.forgetSessions();
    const named = () => retrieveOne(vim, { object: web, properties: { name: text } });
    expect(await Promise.all([named(), named(), named()])).toEqual(Array(3).fill({ name: 'web' }));
    expect(server.calls.filter(isLogin)).toHaveLength(2);
  });

  test('a call that was refused for want of a session is made again, even one that may not be repeated', async () => {
    const server = await start();
    const vim = await connect(server, { transport });
    server.forgetSessions();
    const task = await vim.call({ name: 'PowerOnVM_Task', result: reference, isRepeatable: false }, { object: web });
    await taskResult(vim, { task, method: 'PowerOnVM_Task', result: nothing });
    expect(await retrieveOne(vim, { object: web, properties: { 'runtime.powerState': text } })).toEqual({
      'runtime.powerState': 'poweredOn',
    });
  });

  test('what changes nothing is asked again when the connection broke, what changes something is not', async () => {
    const server = await start();
    const vim = await connect(server, { transport });
    server.trouble('RetrievePropertiesEx', { breaks: 'after' }, 2);
    expect(await retrieveOne(vim, { object: web, properties: { name: text } })).toEqual({ name: 'web' });
    server.trouble('PowerOnVM_Task', { breaks: 'after' });
    const power = vim.call({ name: 'PowerOnVM_Task', result: reference, isRepeatable: false }, { object: web });
    await expect(power).rejects.toMatchObject({ kind: 'RESOURCE_INACCESSIBLE' });
    expect(server.calls.filter((call) => call.endsWith('PowerOnVM_Task'))).toHaveLength(1);
  });

  test('a server that is starting is asked again', async () => {
    const server = await start();
    const vim = await connect(server, { transport });
    server.trouble('RetrievePropertiesEx', { status: 503 });
    expect(await retrieveOne(vim, { object: web, properties: { name: text } })).toEqual({ name: 'web' });
  });

  test('a call that is given up rejects with the reason', async () => {
    const vim = await connect(await start(), { transport });
    const reason = new Error('enough');
    const call = retrieveOne(vim, { object: web, properties: { name: text }, signal: AbortSignal.abort(reason) });
    await expect(call).rejects.toBe(reason);
  });

  test('whoever leaves logs out', async () => {
    const server = await start();
    const vim = await connectVim({ url: server.url, user: 'user', password: 'pass', transport });
    await vim.close();
    expect(server.calls.at(-1)).toMatch(/SessionManager\.Logout$/);
  });

  test('the session is kept while nothing is asked', async () => {
    const server = await start();
    await connect(server, { transport, keepAliveMs: 5 });
    await expect.poll(() => server.calls.filter((call) => call.endsWith('.CurrentTime')).length).toBeGreaterThan(2);
  });
});

test('VI JSON is taken where it is, SOAP where it is not, and both find the same', async () => {
  const server = await start();
  const properties = { name: text, parent: optional(reference) };
  const json = await connect(server);
  server.hasViJson = false;
  const soap = await connect(server);
  expect([json.transport, soap.transport]).toEqual(['vi-json', 'soap']);
  server.hasViJson = true;
  const machines = (vim: VimClient) => retrieveAll(vim, { type: 'VirtualMachine', properties });
  expect(await machines(json)).toEqual(await machines(soap));
});

test('what stands before VI JSON and does not know a session is answered by a login', async () => {
  const server = await start();
  const vim = await connect(server);
  server.trouble('RetrievePropertiesEx', { status: 401 });
  expect(await retrieveOne(vim, { object: web, properties: { name: text } })).toEqual({ name: 'web' });
  expect(server.calls.filter(isLogin)).toHaveLength(2);
});

test('a server without vim25 says so', async () => {
  const server = await start();
  const elsewhere = connectVim({ url: `${server.url}/other`, user: 'user', password: 'pass' });
  await expect(elsewhere).rejects.toMatchObject({ kind: 'OPERATION_NOT_FOUND' });
});
