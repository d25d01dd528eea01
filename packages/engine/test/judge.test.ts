import type { Inventory, Judgement, NewEntity } from '@ovfkit/domain';
import { expect, test } from 'vitest';
import { admin, startEngine } from './support/engine.ts';
import { richDescriptor } from './support/rich-package.ts';
import { accepted, createImport, push, send, until } from './support/session.ts';

/** An engine whose inventory says this of what it is asked to make, and sessions that wait for parameters. */
async function selecting(judgement: Judgement) {
  const asked: NewEntity[] = [];
  const wrapInventory = (inventory: Inventory): Inventory => ({
    ...inventory,
    judge: async (request) => {
      asked.push(request);
      return judgement;
    },
  });
  const { engine } = await startEngine({ wrapInventory });
  const { importSession, ...backend } = engine.backendFor(admin);
  const id = await createImport({ ...backend, importSession }, push);
  await send(
    { ...backend, importSession },
    { id, name: 'descriptor.ovf', bytes: new TextEncoder().encode(richDescriptor) },
  );
  await until({ ...backend, importSession }, id, 'IMPORT_SELECTING_OVF_PARAMS');
  return { asked, importSession, id };
}

const judged = (about: string, text: string) => ({
  category: 'VALIDATION',
  issues: [
    {
      ...{ category: 'VALIDATION_ERROR', file: '', lineNumber: -1, columnNumber: -1 },
      message: { id: `com.ovfkit.judged.${about}`, defaultMessage: text, args: [text] },
    },
  ],
});

const refusal: Judgement = {
  errors: [{ about: 'hardware', text: 'no floppies here' }],
  warnings: [{ about: 'properties', text: 'a qualifier is ignored' }],
};

test('what the inventory says of an import is told when parameters are tried, before any disk is here', async () => {
  const { importSession, id, asked } = await selecting(refusal);
  const answer = await importSession.tryInstantiate({ id, instantiationParameters: [accepted] });
  expect(answer.errors).toEqual([judged('hardware', 'no floppies here')]);
  expect(answer.warnings).toContainEqual(judged('properties', 'a qualifier is ignored'));
  expect(asked.at(-1)).toMatchObject({ key: id, files: [], entity: { vms: [{ disks: [{ file: { sha256: '' } }] }] } });
});

test('what the inventory would not make is not waited for: the instantiation is refused with its reasons', async () => {
  const { importSession, id } = await selecting(refusal);
  await expect(importSession.instantiate({ id, instantiationParameters: [accepted] })).rejects.toMatchObject({
    kind: 'INVALID_ARGUMENT',
    message: 'no floppies here',
  });
  expect((await importSession.get({ id })).state).toBe('IMPORT_SELECTING_OVF_PARAMS');
});

test('it is asked though a licence is open, and not while a parameter is wrong', async () => {
  const { importSession, id, asked } = await selecting({ errors: [], warnings: [] });
  await importSession.tryInstantiate({ id, instantiationParameters: [] });
  expect(asked).toHaveLength(1);
  const wrong = { type: 'DatastoreMappingParams', targetDatastore: 'datastore-none' } as const;
  await importSession.tryInstantiate({ id, instantiationParameters: [accepted, wrong] });
  expect(asked).toHaveLength(1);
});

test('it is asked with the parameters that the machine is made with', async () => {
  const { importSession, id, asked } = await selecting({ errors: [], warnings: [] });
  await importSession.tryInstantiate({ id, instantiationParameters: [accepted] });
  await importSession.instantiate({ id, instantiationParameters: [accepted] });
  expect(asked[1]).toEqual(asked[0]);
  expect(asked[0]?.parameters).toContainEqual(expect.objectContaining({ type: 'DatastoreMappingParams' }));
});
