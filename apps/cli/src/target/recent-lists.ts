import { type CallOptions, type Inventory, passes } from '@ovfkit/domain';

/** A list counts as what is there for so long, unless something is changed here. */
const recentMs = 5_000;

type Ask<Input, Answer> = (input: Input, options?: CallOptions) => Promise<Answer>;

/**
 * The same inventory, but what was listed a moment ago is not asked for again: an import goes through the same lists for its plan, for what
 * the package can be told, and for each check of what it is told, and each answer takes its time.
 */
export function withRecentLists(inventory: Inventory): Inventory {
  const memories: { clear(): void }[] = [];
  const recent = <Input, Answer>(ask: Ask<Input, Answer>): Ask<Input, Answer> => {
    const memory = new Map<string, { readonly at: number; readonly answer: Promise<Answer> }>();
    memories.push(memory);
    return (input, options) => {
      const question = JSON.stringify(input);
      const known = memory.get(question);
      if (known !== undefined && performance.now() - known.at < recentMs) return known.answer;
      const answer = ask(input, options);
      memory.set(question, { at: performance.now(), answer });
      answer.catch(() => memory.delete(question));
      return answer;
    };
  };
  const changing =
    <Input, Answer>(change: Ask<Input, Answer>): Ask<Input, Answer> =>
    async (input, options) => {
      try {
        return await change(input, options);
      } finally {
        for (const memory of memories) memory.clear();
      }
    };
  return { ...inventory, ...remembering(inventory, recent), ...forgetting(inventory, { recent, changing }) };
}

type Recent = <Input, Answer>(ask: Ask<Input, Answer>) => Ask<Input, Answer>;

/** A filter without what only picks some of a list, by id and by name. */
interface Picking<Filter> {
  readonly ids: readonly string[] | undefined;
  readonly names: readonly string[] | undefined;
  readonly rest: Filter;
}

/** Some of a list that is remembered as a whole: who asks for one by its id or name asks for it again by another. */
const picked =
  <Filter, Item extends { readonly name: string }>(
    list: Ask<Filter, readonly Item[]>,
    { of, idOf }: { readonly of: (filter: Filter) => Picking<Filter>; readonly idOf: (item: Item) => string },
  ): Ask<Filter, readonly Item[]> =>
  async (filter, options) => {
    const { ids, names, rest } = of(filter);
    const all = await list(rest, options);
    return all.filter((item) => passes(ids, idOf(item)) && passes(names, item.name));
  };

const remembering = (inventory: Inventory, recent: Recent) => ({
  resourcePool: {
    ...inventory.resourcePool,
    list: picked(recent(inventory.resourcePool.list), {
      of: ({ resourcePools: ids, names, ...rest }) => ({ ids, names, rest }),
      idOf: ({ resourcePool }) => resourcePool,
    }),
  },
  folder: {
    list: picked(recent(inventory.folder.list), {
      of: ({ folders: ids, names, ...rest }) => ({ ids, names, rest }),
      idOf: ({ folder }) => folder,
    }),
  },
  host: { list: recent(inventory.host.list) },
  datastore: { ...inventory.datastore, list: recent(inventory.datastore.list) },
  network: { list: recent(inventory.network.list) },
  cluster: { ...inventory.cluster, list: recent(inventory.cluster.list) },
  datacenter: { ...inventory.datacenter, list: recent(inventory.datacenter.list) },
  hardwareVersion: { list: recent(inventory.hardwareVersion.list) },
  storagePolicy: { list: recent(inventory.storagePolicy.list) },
  outOfReach: recent(inventory.outOfReach),
});

/** What changes the inventory, and what is changed by it. */
const forgetting = (
  { vm, vapp, power, create, discard }: Inventory,
  { recent, changing }: { readonly recent: Recent; readonly changing: Recent },
) => ({
  vm: {
    ...vm,
    list: recent(vm.list), // there may be thousands, of which one is asked for
    delete: changing(vm.delete),
    markAsTemplate: changing(vm.markAsTemplate),
  },
  vapp: {
    list: picked(recent(vapp.list), {
      of: ({ vapps: ids, names, ...rest }) => ({ ids, names, rest }),
      idOf: ({ vapp: id }) => id,
    }),
    start: changing(vapp.start),
    delete: changing(vapp.delete),
  },
  power: {
    get: power.get,
    start: changing(power.start),
    stop: changing(power.stop),
    suspend: changing(power.suspend),
    reset: changing(power.reset),
  },
  create: changing(create),
  discard: changing(discard),
});
