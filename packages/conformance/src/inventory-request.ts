import type { NewEntity } from '@ovfkit/domain';

/** What makes a machine or a vApp of no files. */
export const requestFor = (entity: NewEntity['entity'], key = `key of ${entity.name}`): NewEntity => ({
  key,
  entity,
  descriptor: '<Envelope/>',
  parameters: [],
  files: [],
});
