// The vCenter of our own says what the one that is not ours says, wherever both answer: the same types in the same places.
import { setTimeout } from 'node:timers/promises';
import { createWireClient } from '@ovfkit/rest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ManagedObject, managedObject, type VimObject, type VimValue } from '../../src/index.ts';
import { serviceInstance } from '../../src/vim/service-content.ts';
import { readSoapAnswer, writeSoapCall } from '../../src/vim/soap-envelope.ts';
import { valueFromXml } from '../../src/vim/vim-xml.ts';
import { startVcsim } from '../support/vcsim.ts';
import { isObject, isReference } from '../support/vim-server/model.ts';
import { startSampleVcenter } from '../support/vim-server/sample-vcenter.ts';

/** What a value is made of, without what it says. */
function outlineOf(value: VimValue | undefined): unknown {
  if (isReference(value)) return `reference to a ${value.type}`;
  if (!isObject(value)) return Array.isArray(value) ? outlineOf(value[0]) : typeof value;
  const { _typeName: type, _value: inner, ...fields } = value;
  if (inner !== undefined) return `${String(type)}: ${JSON.stringify(outlineOf(inner))}`;
  return Object.fromEntries(Object.entries(fields).map(([name, each]) => [name, outlineOf(each)]));
}

interface Answer {
  readonly outline: unknown;
  readonly result: readonly VimValue[];
}

/** A vCenter to ask over SOAP, with the objects that the questions are about. */
interface Vcenter {
  ask(method: string, object: ManagedObject, args?: VimObject): Promise<Answer>;
  readonly folder: ManagedObject;
  /** A machine that runs. */
  readonly machine: ManagedObject;
  readonly path: string;
  close(): Promise<void>;
}

interface Address {
  readonly url: string;
  readonly thumbprint?: string;
}

function open({ url, ...trust }: Address): Pick<Vcenter, 'ask' | 'close'> {
  const wire = createWireClient({ url, ...trust });
  let cookie: string | undefined;
  return {
    async ask(method, object, args = {}) {
      const answer = await wire.send({
        method: 'POST',
        url: `${url}/sdk`,
        headers: {
          'content-type': 'text/xml',
          soapaction: 'urn:vim25/6.5',
          ...(cookie === undefined ? {} : { cookie }),
        },
        body: writeSoapCall(method, { object, args, namespace: 'urn:vim25' }),
      });
      cookie = answer.headers['set-cookie']?.split(';')[0] ?? cookie;
      const read = readSoapAnswer(answer.body, method);
      if ('fault' in read)
        return {
          outline: { status: answer.status, fault: read.fault.type, detail: outlineOf(read.fault.detail) },
          result: [],
        };
      const result = read.result.map(valueFromXml);
      return { outline: { status: answer.status, result: result.map(outlineOf) }, result };
    },
    close: () => wire.close(),
  };
}

const login: VimObject = { userName: 'user', password: 'pass' };
const sessionManager = managedObject('SessionManager', 'SessionManager');
const collector = managedObject('PropertyCollector', 'propertyCollector');

const questionAbout = (obj: ManagedObject, pathSet: readonly string[]): VimObject => ({
  specSet: [
    {
      _typeName: 'PropertyFilterSpec',
      propSet: [{ _typeName: 'PropertySpec', type: obj.type, pathSet }],
      objectSet: [{ _typeName: 'ObjectSpec', obj }],
    },
  ],
  options: { _typeName: 'RetrieveOptions', maxObjects: 10 },
});

async function openOurs(): Promise<Vcenter> {
  const server = await startSampleVcenter();
  const opened = open(server);
  return {
    ...opened,
    folder: managedObject('Folder', 'group-v3'),
    machine: managedObject('VirtualMachine', 'vm-37'),
    path: 'DC 1/vm/db',
    async close() {
      await opened.close();
      await server.close();
    },
  };
}

async function openTheirs(): Promise<Vcenter> {
  const vcsim = await startVcsim();
  const opened = open(vcsim);
  await opened.ask('Login', sessionManager, login);
  const searchIndex = managedObject('SearchIndex', 'SearchIndex');
  const find = async (inventoryPath: string): Promise<ManagedObject> => {
    const { result } = await opened.ask('FindByInventoryPath', searchIndex, { inventoryPath });
    if (!isReference(result[0])) throw new Error(`the simulator has no ${inventoryPath}`);
    return result[0];
  };
  const path = 'DC0/vm/DC0_H0_VM0';
  const [folder, machine] = [await find('DC0/vm'), await find(path)];
  await opened.ask('Logout', sessionManager);
  return {
    ...opened,
    folder,
    machine,
    path,
    async close() {
      await opened.close();
      await vcsim.stop();
    },
  };
}

/** A task's end: its state and the outline of its error. */
async function endOf({ ask }: Vcenter, { result }: Answer): Promise<unknown> {
  const [task] = result;
  if (!isReference(task)) throw new Error('no task');
  for (;;) {
    const question = questionAbout(task, ['info.state', 'info.error']);
    const { outline, result: content } = await ask('RetrievePropertiesEx', collector, question);
    const text = JSON.stringify(content);
    if (!/"(queued|running)"/.test(text)) return [outline, /"(success|error)"/.exec(text)?.[1]];
    await setTimeout(20); // the one has done its tasks when it answers, the other has not
  }
}

const questions: readonly (readonly [string, (vcenter: Vcenter) => Promise<unknown>])[] = [
  [
    'a question without a login',
    async ({ ask, folder: container }) =>
      (await ask('CreateContainerView', managedObject('ViewManager', 'ViewManager'), { container, recursive: true }))
        .outline,
  ],
  [
    'what it is, without a login',
    async ({ ask }) => {
      const { result } = await ask('RetrieveServiceContent', serviceInstance);
      const content = isObject(result[0]) ? result[0] : {};
      const { rootFolder, propertyCollector, viewManager, about, sessionManager, searchIndex, ovfManager } = content;
      return outlineOf({ rootFolder, propertyCollector, viewManager, about, sessionManager, searchIndex, ovfManager });
    },
  ],
  [
    'a login with a wrong password',
    async ({ ask }) => (await ask('Login', sessionManager, { ...login, password: 'wrong' })).outline,
  ],
  ['a login', async ({ ask }) => (await ask('Login', sessionManager, login)).outline],
  ['the time', async ({ ask }) => (await ask('CurrentTime', serviceInstance)).outline],
  [
    'properties: text, a list and a reference',
    async ({ ask, folder }) =>
      (await ask('RetrievePropertiesEx', collector, questionAbout(folder, ['name', 'childType', 'parent']))).outline,
  ],
  [
    'a property of a property',
    async ({ ask, machine }) =>
      (
        await ask(
          'RetrievePropertiesEx',
          collector,
          questionAbout(machine, ['config.hardware.numCPU', 'summary.config.memorySizeMB', 'config.template']),
        )
      ).outline,
  ],
  [
    'a property that is not set',
    async ({ ask, machine }) =>
      (await ask('RetrievePropertiesEx', collector, questionAbout(machine, ['name', 'snapshot']))).outline,
  ],
  [
    'an object that is not there',
    async ({ ask }) =>
      (
        await ask(
          'RetrievePropertiesEx',
          collector,
          questionAbout(managedObject('VirtualMachine', 'vm-none'), ['name']),
        )
      ).outline,
  ],
  [
    'a method of an object that is not there',
    async ({ ask }) => (await ask('PowerOnVM_Task', managedObject('VirtualMachine', 'vm-none'))).outline,
  ],
  [
    'a method that it does not have',
    async ({ ask }) =>
      (
        await ask('ValidateHost', managedObject('OvfManager', 'OvfManager'), {
          ovfDescriptor: '<a/>',
          host: managedObject('HostSystem', 'host-none'),
          vhp: { _typeName: 'OvfValidateHostParams', locale: '', deploymentOption: '' },
        })
      ).outline,
  ],
  [
    'a view, made and given back',
    async ({ ask, folder }) => {
      const made = await ask('CreateContainerView', managedObject('ViewManager', 'ViewManager'), {
        container: folder,
        type: ['VirtualMachine'],
        recursive: true,
      });
      const [view] = made.result;
      if (!isReference(view)) throw new Error('no view');
      return [view.type, (await ask('DestroyView', view)).outline];
    },
  ],
  [
    'a path, and one that leads nowhere',
    async ({ ask, path }) => {
      const find = (inventoryPath: string) =>
        ask('FindByInventoryPath', managedObject('SearchIndex', 'SearchIndex'), { inventoryPath });
      return [(await find(path)).outline, (await find('none/at/all')).outline];
    },
  ],
  [
    'what lies in a folder by its name, by none, and in a folder that is not there',
    async ({ ask, folder, machine, path }) => {
      const find = (name: string, entity = folder) =>
        ask('FindChild', managedObject('SearchIndex', 'SearchIndex'), { entity, name });
      const { result, outline } = await find(path.split('/').at(-1) ?? '');
      const [found] = result;
      const isIt = isReference(found) && found.value === machine.value;
      const none = managedObject('Folder', 'group-none');
      return [outline, isIt, (await find('none')).outline, (await find('none', none)).outline];
    },
  ],
  ['power that is on already', async (vcenter) => endOf(vcenter, await vcenter.ask('PowerOnVM_Task', vcenter.machine))],
  [
    'removal of a machine that runs',
    async (vcenter) => endOf(vcenter, await vcenter.ask('Destroy_Task', vcenter.machine)),
  ],
  ['power that is switched', async (vcenter) => endOf(vcenter, await vcenter.ask('PowerOffVM_Task', vcenter.machine))],
  ['a template', async ({ ask, machine }) => (await ask('MarkAsTemplate', machine)).outline],
  ['removal', async (vcenter) => endOf(vcenter, await vcenter.ask('Destroy_Task', vcenter.machine))],
  ['a logout', async ({ ask }) => (await ask('Logout', sessionManager)).outline],
];

let ours: Vcenter;
let theirs: Vcenter;
beforeAll(async () => {
  [ours, theirs] = await Promise.all([openOurs(), openTheirs()]);
});
afterAll(async () => {
  await Promise.all([ours.close(), theirs.close()]);
});

// what ours says has to be in what theirs says, which may tell more
test.each(questions)('%s', async (_, ask) => {
  const [own, other] = [await ask(ours), await ask(theirs)];
  expect([other]).toMatchObject([own]);
});
