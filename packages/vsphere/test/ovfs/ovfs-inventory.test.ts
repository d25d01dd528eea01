import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { createOvfsInventory, markMade } from '../../src/index.ts';
import type { Origin, UrlOrigin } from '../../src/origin.ts';
import { managedObject } from '../../src/vim/vim-value.ts';
import { type SampleRequest, sampleImport } from '../support/import-request.ts';
import { openLeaseScene, samplePlacement } from '../support/lease-scene.ts';
import { addMachine } from '../support/vim-server/sample-vcenter.ts';

/** What the next task comes to. */
type Outcome = 'SUCCEEDED' | 'FAILED' | 'RUNNING';

interface Asked {
  readonly body: Record<string, unknown>;
}

const archive: UrlOrigin = { kind: 'url', at: { archive: 'https://repo.example.com/app.ova' }, otherwise: 'send' };

/** A vCenter of ours, with the REST call of 9.0 unless it is absent. */
async function open({ outcome = 'SUCCEEDED', has = 'ovfs' }: { outcome?: Outcome; has?: 'ovfs' | 'none' } = {}) {
  const scene = await openLeaseScene('vi-json');
  const asked: Asked[] = [];
  const notices: string[] = [];
  const sessions: string[] = [];
  const canceled: string[] = [];
  let onTask = (): void => undefined;
  const answer = (response: ServerResponse, body: unknown, status = 200): void =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const failed = { error_type: 'NOT_FOUND', messages: [{ default_message: 'no such name' }] };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const text = (await request.toArray()).join('');
    const call = `${request.method} ${request.url}`;
    if (call === 'POST /api/session') {
      expect(request.headers.authorization).toBe(`Basic ${btoa('user:pass')}`);
      sessions.push('token');
      return answer(response, 'token', 201);
    }
    expect(request.headers['vmware-api-session-id']).toBe('token');
    if (call === 'DELETE /api/session') {
      sessions.pop();
      return answer(response, null);
    }
    if (has === 'none') return answer(response, failed, 404);
    if (call.startsWith('POST /api/vcenter/ovfs?action=deploy')) {
      asked.push({ body: JSON.parse(text) });
      return answer(response, 'task:1');
    }
    if (call.endsWith('action=cancel')) {
      canceled.push(call);
      return answer(response, null);
    }
    onTask();
    const status = canceled.length > 0 ? 'FAILED' : outcome;
    if (status === 'FAILED') return answer(response, { status, error: failed });
    if (status === 'RUNNING') return answer(response, { status });
    const folder = managedObject('Folder', samplePlacement.folder);
    const pool = managedObject('ResourcePool', samplePlacement.resourcePool);
    const name = String(asked[0]?.body['name']);
    addMachine(scene.server.model, { value: 'vm-900', name, parent: folder, resourcePool: pool });
    answer(response, { status, result: { result_type: 'VirtualMachine', created_entity: 'vm-900' } });
  };
  scene.server.serve('/api/', (request, response) => void serve(request, response));
  const inventoryOf = (wanted: ReturnType<typeof sampleImport>, origin: Origin | undefined) =>
    createOvfsInventory({
      inventory: scene.inventoryWith(wanted.blobs),
      access: { url: scene.server.url, user: 'user', password: 'pass' },
      origin: () => origin,
      mark: (made, key) => markMade(scene.vim, { made, key }),
      onNotice: ({ text }) => notices.push(text),
    });
  return {
    ...scene,
    asked,
    notices,
    sessions,
    canceled,
    inventoryOf,
    whenAsked(told: () => void) {
      onTask = told;
    },
  };
}

const sample = (options: Omit<SampleRequest, 'placement'> = {}) =>
  sampleImport({ placement: samplePlacement, ...options });

test('a vCenter that deploys from URLs is asked once, is told where and how, and no byte passes through this process', async () => {
  const { inventoryOf, asked, sessions, leases } = await open();
  const wanted = sample({
    entity: { networks: [{ name: 'VM Network', target: 'dvportgroup-33' }], deploymentOption: 'small' },
    parameters: [{ type: 'DatastoreMappingParams', targetDatastore: 'datastore-30', targetProvisioningType: 'thin' }],
  });
  const inventory = inventoryOf(wanted, archive);
  const ref = await inventory.create(wanted.request);
  expect(ref).toEqual({ type: 'VirtualMachine', id: 'vm-900' });
  expect(asked).toEqual([
    {
      body: {
        url: 'https://repo.example.com/app.ova',
        resource_pool: 'resgroup-11',
        folder: 'group-v3',
        name: 'app',
        network_mapping: { 'VM Network': { net_type: 'DistributedVirtualPortgroup', network: 'dvportgroup-33' } },
        vm_home_datastore: { datastore: 'datastore-30' },
        disk_provisioning: 'thin',
        deployment_option: 'small',
        power_on: false,
      },
    },
  ]);
  expect(leases.requests).toEqual([]);
  expect(sessions).toEqual([]);
  expect(await inventory.made(wanted.request.key)).toEqual(ref);
  expect(await inventory.create(wanted.request)).toEqual(ref);
  expect(asked).toHaveLength(1);
});

test.each([
  ['a vCenter that has no such call', { has: 'none' as const }, []],
  ['a deployment that fails', { outcome: 'FAILED' as const }, [expect.stringContaining('no such name')]],
])('%s leads to another way', async (_, options, notices) => {
  const scene = await open(options);
  const wanted = sample();
  await scene.inventoryOf(wanted, archive).create(wanted.request);
  expect(scene.leases.requests).toHaveLength(1);
  expect(scene.names()).toContain('app');
  expect(scene.notices).toEqual(notices);
  expect(scene.sessions).toEqual([]);
});

test.each([
  ['is nowhere but here', undefined, {}],
  ['is in several files whose descriptor is not told', { ...archive, at: { files: new Map() } }, {}],
  ['has an annotation', archive, { parameters: [{ type: 'NameAndProductParams' as const, annotation: 'told' }] }],
  ['has disks elsewhere', archive, { disks: [{ size: 10, choice: { datastore: 'datastore-31' } }] }],
  ['has extra configuration', archive, { parameters: [{ type: 'ExtraConfigParams' as const }] }],
])('what %s is not asked for in a call that cannot say it', async (_, origin, options) => {
  const { inventoryOf, asked, names } = await open();
  const wanted = sample(options);
  await inventoryOf(wanted, origin).create(wanted.request);
  expect(asked).toEqual([]);
  expect(names()).toContain('app');
});

/** Gives an import up as soon as the vCenter is asked how far it is. */
async function giveUp({ inventoryOf, whenAsked }: Awaited<ReturnType<typeof open>>): Promise<void> {
  const stop = new AbortController();
  whenAsked(() => stop.abort(new Error('given up')));
  const wanted = sample();
  const making = inventoryOf(wanted, archive).create(wanted.request, { signal: stop.signal });
  await expect(making).rejects.toThrow('given up');
}

test('given up while the vCenter deploys, the task is canceled and nothing is left', async () => {
  const opened = await open({ outcome: 'RUNNING' });
  const { canceled, names, sessions } = opened;
  const before = names();
  await giveUp(opened);
  expect(canceled).toEqual(['POST /api/cis/tasks/task%3A1?action=cancel']);
  expect(names()).toEqual(before);
  expect(sessions).toEqual([]);
});

test('given up too late to be canceled, what the vCenter made is removed', async () => {
  const opened = await open();
  const { names } = opened;
  const before = names();
  await giveUp(opened);
  expect(names()).toEqual(before);
});
