import { manifestOf, sampleOva } from '../sample-package.ts';
import type { ContractCase } from './contract-case.ts';
import { expectError, expectThat } from './exchange.ts';
import { holdUpload } from './held-upload.ts';
import { field, listOf } from './json.ts';
import {
  completed,
  createImport,
  element,
  entryOf,
  failed,
  importInfo,
  instantiate,
  parametersOf,
  reachImport,
  selecting,
  selectingArchive,
  services,
  transferring,
  tryInstantiate,
  upload,
  uploadDescriptor,
  valueless,
} from './sessions.ts';
import { machinesOf, type Stage } from './stage.ts';

const section = '10.2';
const needs = ['sessions'] as const;

/** A push whose message bundles are missing. */
async function inBundles(stage: Stage): Promise<string> {
  const id = await createImport(stage);
  await uploadDescriptor(stage, id, stage.newPackage(['de', 'fr']).descriptor.bytes);
  await reachImport(stage, id, 'IMPORT_MSG_BUNDLES_TRANSFER');
  return id;
}

const wayCases: readonly ContractCase[] = [
  {
    id: 'push.no-bundles',
    section,
    title: 'a descriptor that names no message bundle skips IMPORT_MSG_BUNDLES_TRANSFER',
    needs,
    async run(stage) {
      const id = await createImport(stage);
      await uploadDescriptor(stage, id, stage.newPackage().descriptor.bytes);
      const { seen, exchange } = await reachImport(stage, id, 'IMPORT_SELECTING_OVF_PARAMS');
      expectThat(exchange, { 'the state was not passed': !seen.includes('IMPORT_MSG_BUNDLES_TRANSFER') });
    },
  },
  {
    id: 'push.bundles',
    section,
    title: 'a descriptor that names message bundles leads to IMPORT_MSG_BUNDLES_TRANSFER, until all are there',
    needs,
    async run(stage) {
      const sample = stage.newPackage(['de', 'fr']);
      const id = await createImport(stage);
      await uploadDescriptor(stage, id, sample.descriptor.bytes);
      await reachImport(stage, id, 'IMPORT_MSG_BUNDLES_TRANSFER');
      const [first, second] = sample.bundles;
      if (first) await upload(stage, id, first);
      const { exchange, state } = await importInfo(stage, id);
      expectThat(exchange, { 'one bundle is not enough': state === 'IMPORT_MSG_BUNDLES_TRANSFER' });
      if (second) await upload(stage, id, second);
      await reachImport(stage, id, 'IMPORT_SELECTING_OVF_PARAMS');
    },
  },
  {
    id: 'push.nothing-missing',
    section,
    title:
      'instantiate with every needed file already there goes to IMPORT_INSTANTIATING, never to IMPORT_FILE_TRANSFER',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const id = await selecting(stage, sample);
      await upload(stage, id, sample.disk);
      valueless(await instantiate(stage, id, parametersOf(stage, sample.name)));
      const { seen, exchange } = await reachImport(stage, id, 'IMPORT_COMPLETED');
      expectThat(exchange, { 'the state was not passed': !seen.includes('IMPORT_FILE_TRANSFER') });
    },
  },
  {
    id: 'push.file-missing',
    section,
    title: 'instantiate with a file missing goes to IMPORT_FILE_TRANSFER, and the last file completes the import',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const id = await transferring(stage, sample);
      await upload(stage, id, sample.disk);
      const { exchange } = await reachImport(stage, id, 'IMPORT_COMPLETED');
      expectThat(exchange, { 'there is one machine': (await machinesOf(stage, sample.name)).length === 1 });
    },
  },
  {
    id: 'push.optional-not-sent',
    section,
    title: 'a manifest that was announced and never sent does not hold the import',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const id = await transferring(stage, sample, { push_source_ovf_option: 'MANIFEST' });
      await upload(stage, id, sample.disk);
      await reachImport(stage, id, 'IMPORT_COMPLETED');
    },
  },
  {
    id: 'push.optional-started',
    section,
    title: 'an optional upload that has begun is waited for, though every required file is there',
    needs,
    run: (stage) => holdManifest(stage),
  },
  {
    id: 'push.ova',
    section,
    title: 'one archive sent to each entry completes an import of an OVA',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const bytes = sampleOva(sample);
      const { id } = await selectingArchive(stage, bytes);
      valueless(await instantiate(stage, id, parametersOf(stage, sample.name)));
      await upload(stage, id, { name: 'disk-content.ova', bytes });
      await reachImport(stage, id, 'IMPORT_COMPLETED');
    },
  },
];

/** Sends the first byte of a manifest, the whole disk, and only then the rest of the manifest. */
async function holdManifest(stage: Stage): Promise<void> {
  const sample = stage.newPackage();
  const id = await transferring(stage, sample, { push_source_ovf_option: 'MANIFEST' });
  const { files } = await importInfo(stage, id);
  const { name = '' } = files.find(({ type }) => type === 'MANIFEST') ?? {};
  const { answer, release } = await holdUpload(stage, id, { name, bytes: sample.manifest.bytes });
  try {
    await upload(stage, id, sample.disk);
    const { exchange, state } = await importInfo(stage, id);
    expectThat(exchange, { 'it waits for the manifest': state === 'IMPORT_FILE_TRANSFER' });
  } finally {
    release();
    await answer;
  }
  await reachImport(stage, id, 'IMPORT_COMPLETED');
}

const errorCases: readonly ContractCase[] = [
  {
    id: 'push.descriptor-invalid',
    section,
    title: 'a descriptor that cannot be parsed ends in IMPORT_ERROR with a reason',
    needs,
    async run(stage) {
      const { exchange, value } = await importInfo(stage, await failed(stage));
      expectThat(exchange, { 'errors is not empty': listOf(field(value, 'errors')).length > 0 });
    },
  },
  {
    id: 'push.manifest-differs',
    section,
    title: 'a disk that differs from the manifest ends in IMPORT_ERROR, and no machine is made',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const other = { ...sample.disk, bytes: new Uint8Array(sample.disk.bytes.length) };
      const manifest = manifestOf(sample.name, [sample.descriptor, other]);
      const id = await selecting(stage, sample, { push_source_ovf_option: 'MANIFEST' });
      const { files } = await importInfo(stage, id);
      const { name = '' } = files.find(({ type }) => type === 'MANIFEST') ?? {};
      await upload(stage, id, { name, bytes: manifest.bytes });
      await instantiate(stage, id, parametersOf(stage, sample.name));
      const { url } = entryOf(files, sample.disk.name);
      const headers = { 'content-length': String(sample.disk.bytes.length) };
      await stage.call({ method: 'PUT', path: url, body: sample.disk.bytes, headers }); // refused, or taken and found wrong
      const { exchange, value } = await reachImport(stage, id, 'IMPORT_ERROR');
      expectThat(exchange, {
        'errors is not empty': listOf(field(value, 'errors')).length > 0,
        'no machine was made': (await machinesOf(stage, sample.name)).length === 0,
      });
    },
  },
];

type Calls = 'try-instantiate' | 'instantiate' | 'progress';

interface Standing {
  readonly state: string;
  readonly forbids: readonly Calls[];
  bring(stage: Stage): Promise<string>;
}

/** Every state that a client can hold a push in, and what is not allowed there. */
const standings: readonly Standing[] = [
  {
    state: 'IMPORT_OVF_TRANSFER',
    forbids: ['try-instantiate', 'instantiate', 'progress'],
    bring: (stage) => createImport(stage),
  },
  { state: 'IMPORT_MSG_BUNDLES_TRANSFER', forbids: ['try-instantiate', 'instantiate', 'progress'], bring: inBundles },
  {
    state: 'IMPORT_SELECTING_OVF_PARAMS',
    forbids: ['progress'],
    bring: (stage) => selecting(stage, stage.newPackage()),
  },
  {
    state: 'IMPORT_FILE_TRANSFER',
    forbids: ['try-instantiate', 'instantiate'],
    bring: (stage) => transferring(stage, stage.newPackage()),
  },
  {
    state: 'IMPORT_COMPLETED',
    forbids: ['try-instantiate', 'instantiate', 'progress'],
    bring: async (stage) => (await completed(stage, stage.newPackage())).id,
  },
  { state: 'IMPORT_ERROR', forbids: ['try-instantiate', 'instantiate', 'progress'], bring: failed },
];

const ask = (stage: Stage, id: string, call: Calls) => {
  if (call === 'try-instantiate') return tryInstantiate(stage, id, []);
  if (call === 'instantiate') return instantiate(stage, id, []);
  return stage.post(element(services.import, id, 'progress'), { percent: 100 });
};

const forbiddenCases: readonly ContractCase[] = standings.flatMap(({ state, forbids, bring }) =>
  forbids.map(
    (call): ContractCase => ({
      id: `forbidden.${state.toLowerCase()}.${call}`,
      section,
      title: `${call} in ${state} is not allowed and changes nothing`,
      needs,
      async run(stage) {
        const id = await bring(stage);
        expectError(await ask(stage, id, call), 'NOT_ALLOWED_IN_CURRENT_STATE');
        const after = await importInfo(stage, id);
        expectThat(after.exchange, { [`the state is still ${state}`]: after.state === state });
      },
    }),
  ),
);

/** Section 10.2: a push, its transitions and what is forbidden. */
export const transitionCases: readonly ContractCase[] = [...wayCases, ...errorCases, ...forbiddenCases];
