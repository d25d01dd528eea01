import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Inventory } from '@ovfkit/domain';
import { openLocalStore } from '@ovfkit/store-local';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lastOf, withPlaces } from '../../src/import/places.ts';
import { findMachine, findPlace, segmentsOf } from '../../src/target/inventory-path.ts';

let inventory: Inventory;
let close: () => Promise<void>;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ovfkit-path-'));
  const store = await openLocalStore(folder);
  ({ inventory } = store);
  close = async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  };
});
afterAll(() => close());

const target = {
  label: 'lab',
  url: 'https://lab',
  user: 'u',
  password: 'p',
  thumbprint: undefined,
  ca: undefined,
  path: [],
  places: {},
};

describe('a path of the inventory', () => {
  test.each([
    ['/Datacenter', {}],
    ['/Datacenter/vm', { folder: { id: 'group-v3', name: 'vm' } }],
    ['/Europe/Datacenter/vm', { folder: { id: 'group-v3', name: 'vm' } }],
    [
      '/Datacenter/host/localhost',
      { pool: { id: 'resgroup-8', name: 'Resources' }, host: { id: 'host-9', name: 'localhost' } },
    ],
    [
      '/Datacenter/host/localhost/Resources',
      { pool: { id: 'resgroup-8', name: 'Resources' }, host: { id: 'host-9', name: 'localhost' } },
    ],
  ])('%s leads there', async (path, place) => {
    const datacenter = { id: 'datacenter-2', name: 'Datacenter' };
    expect(await findPlace(inventory, segmentsOf(path), {})).toEqual({ datacenter, ...place });
  });

  test('has names with slashes and percent signs as vSphere escapes them', () => {
    expect(segmentsOf('/DC/vm/R%2FD %25/a%5cb%20')).toEqual(['DC', 'vm', 'R/D %', 'a\\b%20']);
  });

  test.each([
    ['/Datacentre', /no datacenter "Datacentre"/],
    ['/Datacenter/vm/none', /no folder "none"/],
    ['/Datacenter/host/other', /no cluster or host "other"/],
    ['/Datacenter/host/localhost/Resources/own', /no resource pool "own"/],
    ['/Datacenter/network', /no place for machines/],
  ])('%s is refused where it leads nowhere', async (path, text) => {
    await expect(findPlace(inventory, segmentsOf(path), {})).rejects.toThrow(text);
  });

  test('of a machine that is not there names those that are', async () => {
    await expect(findMachine(inventory, ['Datacenter', 'vm', 'web'], {})).rejects.toThrow(/no virtual machine "web"/);
  });
});

describe('places that a target brings along', () => {
  test('are those of its locator', async () => {
    const located = { ...target, path: ['Datacenter', 'host', 'localhost'] };
    const placed = await withPlaces(inventory, { options: {}, target: located, call: {} });
    expect(placed).toMatchObject({ pool: 'resgroup-8', host: 'host-9' });
  });

  test('are those of govc, paths in its datacenter included', async () => {
    const places = {
      datacenter: '/Datacenter',
      pool: 'localhost/Resources',
      folder: '/Datacenter/vm',
      datastore: '/Datacenter/datastore/datastore1',
    };
    const placed = await withPlaces(inventory, { options: {}, target: { ...target, places }, call: {} });
    expect(placed).toMatchObject({ pool: 'resgroup-8', folder: 'group-v3', datastore: 'datastore1' });
  });

  test('are names and no paths when something has such a name', async () => {
    const list = async () => [{ resourcePool: 'resgroup-9', name: 'R&D/web' }];
    const named = { ...inventory, resourcePool: { ...inventory.resourcePool, list } };
    const placed = await withPlaces(named, { options: { pool: 'R&D/web' }, target, call: {} });
    expect(placed).toMatchObject({ pool: 'R&D/web' });
  });

  test('give way to what the command says', async () => {
    const located = { ...target, path: ['Datacenter', 'vm'], places: { pool: 'other', datastore: 'slow' } };
    const options = { pool: 'Resources', folder: 'mine', datastore: 'fast' };
    expect(await withPlaces(inventory, { options, target: located, call: {} })).toMatchObject(options);
  });

  test('are named without the folder they are in', () => {
    expect([lastOf('/DC/network/VM Network'), lastOf('VM/Network'), lastOf(undefined)]).toEqual([
      'VM Network',
      'VM/Network',
      undefined,
    ]);
  });
});
