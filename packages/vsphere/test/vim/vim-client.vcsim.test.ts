import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  connectVim,
  flag,
  nothing,
  optional,
  retrieveAll,
  retrieveOne,
  taskResult,
  text,
  type VimClient,
  type VimMethod,
} from '../../src/index.ts';
import { reference } from '../../src/vim/vim-shape.ts';
import { managedObject } from '../../src/vim/vim-value.ts';
import { waitFor } from '../../src/vim/wait-for.ts';
import { startVcsim, type Vcsim } from '../support/vcsim.ts';

const simulators = [
  { name: 'a vCenter', apiType: 'VirtualCenter', args: [] },
  { name: 'an ESXi host', apiType: 'HostAgent', args: ['-esx'] },
];

describe.each(simulators)('$name', ({ apiType, args }) => {
  let vcsim: Vcsim;
  let vim: VimClient;
  beforeAll(async () => {
    vcsim = await startVcsim(args);
    vim = await connectVim(vcsim);
  });
  afterAll(async () => {
    await vim.close();
    await vcsim.stop();
  });

  test('says what it is, and that it speaks SOAP', () => {
    expect(vim.about).toMatchObject({ apiType, version: expect.stringMatching(/^\d+\.\d+/) });
    expect(vim.transport).toBe('soap');
  });

  test('gives properties of every object of a type, values and references', async () => {
    const properties = { name: text, parent: optional(reference), 'config.template': optional(flag) };
    const machines = await retrieveAll(vim, { type: 'VirtualMachine', properties });
    expect(machines.length).toBeGreaterThan(1);
    for (const { ref, properties } of machines) {
      expect(ref).toMatchObject({ type: 'VirtualMachine' });
      expect(properties).toMatchObject({ parent: { type: 'Folder' }, 'config.template': false });
      expect(properties.name).toMatch(/_VM\d$/);
    }
  });

  test('an object that is not there is NOT_FOUND, under the fault of the server', async () => {
    const object = managedObject('VirtualMachine', 'vm-none');
    await expect(retrieveOne(vim, { object, properties: { name: text } })).rejects.toMatchObject({
      kind: 'NOT_FOUND',
      data: { fault: 'ManagedObjectNotFound', method: 'RetrievePropertiesEx' },
    });
  });

  test('a task is waited for, and one that fails says why', async () => {
    const [machine] = await retrieveAll(vim, { type: 'VirtualMachine', properties: {} });
    const object = machine?.ref ?? managedObject('VirtualMachine', '');
    const power = async (name: string): Promise<void> => {
      const task = await vim.call({ name, result: reference, isRepeatable: false }, { object });
      await taskResult(vim, { task, method: name, result: nothing });
    };
    await power('PowerOffVM_Task');
    expect(await retrieveOne(vim, { object, properties: { 'runtime.powerState': text } })).toEqual({
      'runtime.powerState': 'poweredOff',
    });
    await expect(power('PowerOffVM_Task')).rejects.toMatchObject({
      kind: 'ALREADY_IN_DESIRED_STATE',
      data: { fault: 'InvalidPowerState' },
    });
    await power('PowerOnVM_Task');
  });

  test('a change is told by the server while it is waited for', async () => {
    const [, machine] = await retrieveAll(vim, { type: 'VirtualMachine', properties: {} });
    const object = machine?.ref ?? managedObject('VirtualMachine', '');
    const waits: string[] = [];
    const powerOff: VimMethod<unknown> = { name: 'PowerOffVM_Task', result: reference, isRepeatable: false };
    const call: VimClient['call'] = (method, given) => {
      if (method.name === 'WaitForUpdatesEx') waits.push(method.name);
      const answer = vim.call(method, given);
      if (waits.length === 2 && method.name === 'WaitForUpdatesEx') void vim.call(powerOff, { object });
      return answer;
    };
    const properties = { 'runtime.powerState': text };
    const until = (now: { readonly 'runtime.powerState': string }) => now['runtime.powerState'] === 'poweredOff';
    expect(await waitFor({ ...vim, call }, { object, properties, until })).toEqual({
      'runtime.powerState': 'poweredOff',
    });
    expect(waits).toHaveLength(2);
    await vim.call({ ...powerOff, name: 'PowerOnVM_Task' }, { object });
  });

  test('a wrong password is said, and no other certificate than the pinned one is accepted', async () => {
    await expect(connectVim({ ...vcsim, password: 'wrong' })).rejects.toMatchObject({
      kind: 'UNAUTHENTICATED',
      data: { fault: 'InvalidLogin' },
    });
    const thumbprint = Array.from({ length: 32 }, () => 'AA').join(':');
    await expect(connectVim({ ...vcsim, thumbprint })).rejects.toMatchObject({ kind: 'UNVERIFIED_PEER' });
  });

  test('a session that the server ended is opened again, once for all calls', async () => {
    const other = await connectVim(vcsim);
    onTestFinished(() => other.close());
    const object = other.content.sessionManager ?? managedObject('SessionManager', '');
    await other.call({ name: 'Logout', result: nothing, isRepeatable: false }, { object });
    const names = () => retrieveAll(other, { type: 'Datacenter', properties: { name: text } });
    const [first, ...rest] = await Promise.all([names(), names(), names()]);
    expect(first).toHaveLength(1);
    for (const each of rest) expect(each).toEqual(first);
  });

  test('VI JSON is not there, and asked for it is refused', async () => {
    await expect(connectVim({ ...vcsim, transport: 'vi-json' })).rejects.toMatchObject({ kind: 'UNSUPPORTED' });
  });
});
