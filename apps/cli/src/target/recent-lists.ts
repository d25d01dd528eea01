import type { CallOptions, Inventory } from '@ovfkit/domain';

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

const remembering = (inventory: Inventory, recent: Recent) => ({
  resourcePool: { ...inventory.resourcePool, list: recent(inventory.resourcePool.list) },
  folder: { list: recent(inventory.folder.list) },
  host: { list: recent(inventory.host.list) },
  datastore: { ...inventory.datastore, list: recent(inventory.datastore.list) },
  network: { list: recent(inventory.network.list) },
  cluster: { ...inventory.cluster, list: recent(inventory.cluster.list) },
  datacenter: { ...inventory.datacenter, list: recent(inventory.datacenter.list) },
  hardwareVersion: { list: recent(inventory.hardwareVersion.list) },
  storagePolicy: { list: recent(inventory.storagePolicy.list) },
});

/** What changes the inventory, and what is changed by it. */
const forgetting = (
  { vm, vapp, power, create, discard }: Inventory,
  { recent, changing }: { readonly recent: Recent; readonly changing: Recent },
) => ({
  vm: {
    ...vm,
    list: recent(vm.list),
    delete: changing(vm.delete),
    markAsTemplate: changing(vm.markAsTemplate),
  },
  vapp: { list: recent(vapp.list), start: changing(vapp.start), delete: changing(vapp.delete) },
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
