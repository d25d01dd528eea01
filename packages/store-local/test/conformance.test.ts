import { blobStoreCases, inventoryCases, libraryCases, sessionStoreCases } from '@ovfkit/conformance';
import { test } from 'vitest';
import { openStore } from './support/temp-folder.ts';

for (const { name, run } of sessionStoreCases) test(name, () => run(async () => (await openStore()).sessions));
for (const { name, run } of blobStoreCases) test(name, () => run(async () => (await openStore()).blobs));
for (const { name, run } of inventoryCases) test(name, () => run(async () => (await openStore()).inventory));
for (const { name, run } of libraryCases) test(name, () => run(async () => (await openStore()).library));
