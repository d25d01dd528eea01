import type { Model } from './model.ts';
import { change, sampleOf } from './model.ts';
import { reference } from './sample-devices.ts';

/** A datastore of its host alone, as large as it is said to be. */
interface Local {
  readonly host: string;
  readonly id: string;
  readonly name: string;
  readonly freeSpace: number;
}

const owners = { 'host-13': 'domain-c10', 'host-14': 'domain-c10', 'host-22': 'domain-s20' } as const;

/**
 * Says what each host of the sample has: `archive` and `VM Network` all of them, `ssd` and `prod` the cluster, `segment` the host that stands
 * alone; and some have datastores of their own.
 */
export function connectHosts(model: Model, locals: readonly Local[] = []): void {
  const { properties } = sampleOf(model, 'datastore-30');
  const stores = new Map<string, string[]>();
  const add = (owner: string, id: string) => stores.set(owner, [...new Set([...(stores.get(owner) ?? []), id])]);
  for (const [host, owner] of Object.entries(owners)) {
    const isAlone = host === 'host-22';
    for (const place of [host, owner])
      for (const id of isAlone ? ['datastore-31'] : ['datastore-30', 'datastore-31']) add(place, id);
    const networks = isAlone
      ? [reference('Network', 'network-32'), reference('OpaqueNetwork', 'network-o35')]
      : [reference('Network', 'network-32'), reference('DistributedVirtualPortgroup', 'dvportgroup-33')];
    for (const place of [host, owner]) sampleOf(model, place).properties['network'] = networks;
  }
  for (const { host, id, name, freeSpace } of locals) {
    model.add('Datastore', id, { ...properties, name });
    change(sampleOf(model, id), 'summary', { name, freeSpace });
    const owner = Object.entries(owners).find(([each]) => each === host)?.[1] ?? host;
    for (const place of [host, owner]) add(place, id);
  }
  for (const [place, ids] of stores)
    sampleOf(model, place).properties['datastore'] = ids.map((id) => reference('Datastore', id));
}
