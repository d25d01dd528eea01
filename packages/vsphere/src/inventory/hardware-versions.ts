import { type InventoryServices, passes } from '@ovfkit/domain';
import { retrieveAll } from '../vim/property-collector.ts';
import type { VimClient, VimMethod } from '../vim/vim-client.ts';
import { flag, list, object, optional, reference, text, type ValueOf } from '../vim/vim-shape.ts';
import { ownersOf } from './owners.ts';

const descriptors = list(
  object('VirtualMachineConfigOptionDescriptor', { key: text, createSupported: optional(flag) }),
);
const queryConfigOptionDescriptor: VimMethod<ValueOf<typeof descriptors>> = {
  name: 'QueryConfigOptionDescriptor',
  result: descriptors,
  isRepeatable: true,
};

/** The families of hardware that clusters and standalone hosts make machines with. */
export const hardwareVersionService = (vim: VimClient): InventoryServices['hardwareVersion'] => ({
  async list({ resourcePools = [], hosts }, options) {
    const signal = options?.signal;
    const owners = await retrieveAll(vim, {
      type: 'ComputeResource',
      properties: { host: list(reference), environmentBrowser: optional(reference) },
      signal,
    });
    const isWanted = resourcePools.length === 0 ? () => true : await ownersOf(vim, { resourcePools, signal });
    const browsers = owners
      .filter(
        ({ ref, properties: { host } }) => isWanted(ref.value) && passes(hosts, ...host.map(({ value }) => value)),
      )
      .flatMap(({ properties }) => properties.environmentBrowser ?? []);
    const answers = await Promise.all(
      browsers.map((browser) => vim.call(queryConfigOptionDescriptor, { object: browser, signal })),
    );
    const versions = answers
      .flat()
      .filter(({ createSupported = true }) => createSupported)
      .map(({ key }) => key);
    return [...new Set(versions)]
      .toSorted((one, other) => numberOf(one) - numberOf(other))
      .map((version) => ({ version }));
  },
});

const numberOf = (version: string): number => Number(/\d+$/.exec(version)?.[0] ?? 0);
