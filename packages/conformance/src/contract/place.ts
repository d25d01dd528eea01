import { type Exchange, expectThat, resultOf } from './exchange.ts';
import { field, listOf, textOf } from './json.ts';
import type { Place } from './stage.ts';

/** The first of everything an import needs. Rejects with a ContractBreach when there is none. */
export async function findPlace(get: (path: string) => Promise<Exchange>): Promise<Place> {
  const first = async (path: string, name: string): Promise<string> => {
    const found = await get(`/rest/vcenter/${path}`);
    const id = textOf(field(listOf(resultOf(found))[0], name));
    expectThat(found, { [`there is a ${name.replace('_', ' ')} to import to`]: id !== '' });
    return id;
  };
  return {
    resourcePool: await first('resource-pool', 'resource_pool'),
    folder: await first('folder?filter.type=VIRTUAL_MACHINE', 'folder'),
    datastore: await first('datastore', 'datastore'),
    network: await first('network', 'network'),
    host: await first('host', 'host'),
  };
}
