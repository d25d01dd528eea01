import { type InventoryServices, passes, SessionError } from '@ovfkit/domain';
import type { VimClient, VimMethod } from '../vim/vim-client.ts';
import { list, object, optional, reference, type Shape, text, type ValueOf } from '../vim/vim-shape.ts';
import { managedObject } from '../vim/vim-value.ts';

const profileId = object('PbmProfileId', { uniqueId: text });
const profile = object('PbmProfile', { profileId, name: text, description: optional(text) });

const method = <Result>(name: string, result: Shape<Result>): VimMethod<Result> => ({
  name,
  result,
  isRepeatable: true,
  service: 'pbm',
});
const retrieveServiceContent = method(
  'PbmRetrieveServiceContent',
  object('PbmServiceInstanceContent', { profileManager: reference }),
);
const queryProfile = method('PbmQueryProfile', list(profileId));
const retrieveContent = method('PbmRetrieveContent', list(profile));

/** Storage policies, which vCenter keeps in a service beside vim25 and an ESXi host does not have. */
export const storagePolicyService = (vim: VimClient): InventoryServices['storagePolicy'] => ({
  async list({ policies }, options) {
    if (vim.about.apiType !== 'VirtualCenter') return [];
    const all = await readProfiles(vim, options?.signal).catch((error: unknown) => {
      if (error instanceof SessionError && error.kind === 'OPERATION_NOT_FOUND') return []; // before 5.5
      throw error;
    });
    return all
      .map(({ profileId: { uniqueId }, name, description = '' }) => ({ policy: uniqueId, name, description }))
      .filter(({ policy }) => passes(policies, policy));
  },
});

async function readProfiles(
  vim: VimClient,
  signal: AbortSignal | undefined,
): Promise<readonly ValueOf<typeof profile>[]> {
  const instance = managedObject('PbmServiceInstance', 'ServiceInstance');
  const { profileManager } = await vim.call(retrieveServiceContent, { object: instance, signal });
  const profileIds = await vim.call(queryProfile, {
    object: profileManager,
    args: {
      resourceType: { _typeName: 'PbmProfileResourceType', resourceType: 'STORAGE' },
      profileCategory: 'REQUIREMENT',
    },
    signal,
  });
  if (profileIds.length === 0) return [];
  return vim.call(retrieveContent, { object: profileManager, args: { profileIds }, signal });
}
