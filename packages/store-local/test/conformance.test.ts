import { blobStoreCases, inventoryCases, libraryCases, sessionStoreCases } from '@ovfkit/conformance';
import { describe, test } from 'vitest';
import { openStore } from './support/temp-folder.ts';

describe.each(['file', 'memory'] as const)('with its database in a %s', (database) => {
  const open = () => openStore(undefined, { database });
  for (const { name, run } of sessionStoreCases) test(name, () => run(async () => (await open()).sessions));
  for (const { name, run } of blobStoreCases) test(name, () => run(async () => (await open()).blobs));
  for (const { name, run } of inventoryCases) test(name, () => run(async () => (await open()).inventory));
  for (const { name, run } of libraryCases) test(name, () => run(async () => (await open()).library));
});
