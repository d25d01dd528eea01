import { type InventoryServices, passes } from '@ovfkit/domain';
import { retrieveOne } from '../vim/property-collector.ts';
import type { VimClient } from '../vim/vim-client.ts';
import { flag, optional, reference, text, whole } from '../vim/vim-shape.ts';
import { managedObject } from '../vim/vim-value.ts';
import { find, given, isIn } from './find.ts';
import { shownName } from './name.ts';

/** Datastores, with the room that vSphere knew of last. */
export const datastoreService = (vim: VimClient): InventoryServices['datastore'] => ({
  async list(filter, options) {
    const found = await find(vim, {
      type: 'Datastore',
      properties: {
        parent: optional(reference),
        'summary.type': text,
        'summary.freeSpace': optional(whole),
        'summary.capacity': optional(whole),
      },
      filter,
      ids: filter.datastores,
      options,
    });
    return found
      .filter(({ properties }) => isIn(filter.folders, properties.parent))
      .map(({ id, name, properties }) => ({
        datastore: id,
        name,
        type: properties['summary.type'].toUpperCase(),
        ...given('freeSpace', properties['summary.freeSpace']),
        ...given('capacity', properties['summary.capacity']),
      }))
      .filter(({ type }) => passes(filter.types, type));
  },
  async get({ datastore }, options) {
    const properties = await retrieveOne(vim, {
      object: managedObject('Datastore', datastore),
      properties: {
        name: text,
        'summary.type': text,
        'summary.accessible': flag,
        'summary.freeSpace': optional(whole),
        'summary.multipleHostAccess': optional(flag),
        'capability.perFileThinProvisioningSupported': flag,
      },
      signal: options?.signal,
    });
    return {
      name: shownName(properties.name),
      type: properties['summary.type'].toUpperCase(),
      accessible: properties['summary.accessible'],
      ...given('freeSpace', properties['summary.freeSpace']),
      multipleHostAccess: properties['summary.multipleHostAccess'] ?? false,
      thinProvisioningSupported: properties['capability.perFileThinProvisioningSupported'],
    };
  },
});
