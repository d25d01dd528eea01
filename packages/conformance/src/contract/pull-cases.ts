import { manifestOf, type SamplePackage } from '../sample-package.ts';
import type { ContractCase } from './contract-case.ts';
import { ContractBreach, expectError, expectThat } from './exchange.ts';
import type { FileHost } from './file-host.ts';
import { field, listOf } from './json.ts';
import { served } from './served-package.ts';
import {
  askForImport,
  createImport,
  element,
  idOf,
  importInfo,
  instantiate,
  parametersOf,
  pullSpec,
  reachImport,
  services,
  valueless,
} from './sessions.ts';
import { machinesOf, type Stage } from './stage.ts';

const section = '10.1';
const needs = ['sessions', 'pull'] as const;

const pulling = (stage: Stage, url: string, fields = {}): Promise<string> => createImport(stage, pullSpec(url, fields));

/** A pull that waits for parameters. */
async function chosen(stage: Stage, sample: SamplePackage): Promise<{ readonly id: string; readonly host: FileHost }> {
  const { host, path } = served(stage, sample);
  const id = await pulling(stage, `${host.url}/${path}.ovf`);
  await reachImport(stage, id, 'IMPORT_SELECTING_OVF_PARAMS');
  return { id, host };
}

const wayCases: readonly ContractCase[] = [
  {
    id: 'pull.way',
    section,
    title: 'a pull goes from IMPORT_OVF_TRANSFER to its parameters, and to the end, by itself',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const { id } = await chosen(stage, sample);
      valueless(await instantiate(stage, id, parametersOf(stage, sample.name)));
      const { exchange } = await reachImport(stage, id, 'IMPORT_COMPLETED');
      expectThat(exchange, { 'there is one machine': (await machinesOf(stage, sample.name)).length === 1 });
    },
  },
  {
    id: 'pull.ova',
    section: '14',
    title: 'pull_source may name an .ova (14.19)',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const { host, path } = served(stage, sample);
      const id = await pulling(stage, `${host.url}/${path}.ova`);
      await reachImport(stage, id, 'IMPORT_SELECTING_OVF_PARAMS');
      valueless(await instantiate(stage, id, parametersOf(stage, sample.name)));
      await reachImport(stage, id, 'IMPORT_COMPLETED');
    },
  },
  {
    id: 'pull.bundles',
    section,
    title: 'a pull fetches message bundles in IMPORT_OVF_TRANSFER and never passes IMPORT_MSG_BUNDLES_TRANSFER',
    needs,
    async run(stage) {
      const sample = stage.newPackage(['de']);
      const { host, path } = served(stage, sample);
      const release = host.hold(sample.name, sample.bundles[0]?.name ?? '');
      try {
        const id = await pulling(stage, `${host.url}/${path}.ovf`);
        await untilAsked(stage, host, { folder: sample.name, name: sample.bundles[0]?.name ?? '', id });
        const during = await importInfo(stage, id);
        expectThat(during.exchange, { 'it is still IMPORT_OVF_TRANSFER': during.state === 'IMPORT_OVF_TRANSFER' });
        release();
        const { exchange, seen } = await reachImport(stage, id, 'IMPORT_SELECTING_OVF_PARAMS');
        expectThat(exchange, { 'it passed no other state': !seen.includes('IMPORT_MSG_BUNDLES_TRANSFER') });
      } finally {
        release();
      }
    },
  },
  {
    id: 'pull.transfer',
    section,
    title: 'a pull with a disk to fetch waits in IMPORT_FILE_TRANSFER, where instantiate is not allowed again',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const { host, path } = served(stage, sample);
      const release = host.hold(sample.name, sample.disk.name);
      try {
        const id = await pulling(stage, `${host.url}/${path}.ovf`);
        await reachImport(stage, id, 'IMPORT_SELECTING_OVF_PARAMS');
        valueless(await instantiate(stage, id, parametersOf(stage, sample.name)));
        await reachImport(stage, id, 'IMPORT_FILE_TRANSFER');
        expectError(await instantiate(stage, id, []), 'NOT_ALLOWED_IN_CURRENT_STATE');
        release();
        await reachImport(stage, id, 'IMPORT_COMPLETED');
      } finally {
        release();
      }
    },
  },
  {
    id: 'pull.files',
    section: '11.2',
    title: 'a pull lists all files when its parameters are chosen',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const { id } = await chosen(stage, sample);
      const { exchange, files } = await importInfo(stage, id);
      const types = files.map(({ type }) => type);
      expectThat(exchange, {
        'there are a descriptor and a disk': types.includes('OVF') && types.includes('DISK'),
        'the disk has its name': files.some(({ name }) => name === sample.disk.name),
      });
    },
  },
  {
    id: 'pull.progress',
    section: '3.5',
    title: 'a pull is told no progress: an invalid argument in every state',
    needs,
    async run(stage) {
      const { id } = await chosen(stage, stage.newPackage());
      expectError(await stage.post(element(services.import, id, 'progress'), { percent: 50 }), 'INVALID_ARGUMENT');
    },
  },
];

/** Rejects when the target does not ask for a file within ten seconds. */
async function untilAsked(
  stage: Stage,
  host: FileHost,
  { folder, name, id }: { readonly folder: string; readonly name: string; readonly id: string },
): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (host.wasAsked(folder, name)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new ContractBreach((await importInfo(stage, id)).exchange, `the target asks for ${name}`);
}

const failureCases: readonly ContractCase[] = [
  {
    id: 'pull.missing-disk',
    section,
    title: 'a file that the source does not have ends the import in IMPORT_ERROR, and no machine is made',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const { host } = stage;
      host?.put(sample.name, [sample.descriptor]);
      const id = await pulling(stage, `${host?.url}/${sample.name}/${sample.descriptor.name}`);
      const { state } = await reachImport(stage, id, 'IMPORT_SELECTING_OVF_PARAMS', 'IMPORT_ERROR');
      if (state !== 'IMPORT_ERROR') await instantiate(stage, id, parametersOf(stage, sample.name));
      const { exchange, value } = await reachImport(stage, id, 'IMPORT_ERROR');
      expectThat(exchange, {
        'errors says why': listOf(field(value, 'errors')).length > 0,
        'no machine was made': (await machinesOf(stage, sample.name)).length === 0,
      });
    },
  },
  {
    id: 'pull.manifest-differs',
    section,
    title: 'a pulled disk that differs from the manifest ends in IMPORT_ERROR',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const { host, path } = served(stage, sample);
      const other = { ...sample.disk, bytes: new Uint8Array(8) };
      host.put(sample.name, [manifestOf(sample.name, [sample.descriptor, other])]);
      const id = await pulling(stage, `${host.url}/${path}.ovf`);
      await reachImport(stage, id, 'IMPORT_SELECTING_OVF_PARAMS');
      await instantiate(stage, id, parametersOf(stage, sample.name));
      const { exchange } = await reachImport(stage, id, 'IMPORT_ERROR');
      expectThat(exchange, { 'no machine was made': (await machinesOf(stage, sample.name)).length === 0 });
    },
  },
];

const spellings = [
  { id: 'colons', title: 'upper case with colons', write: (text: string) => text },
  { id: 'plain', title: 'lower case without colons', write: (text: string) => text.replaceAll(':', '').toLowerCase() },
];

const pinCases: readonly ContractCase[] = [
  ...spellings.map(
    ({ id, title, write }): ContractCase => ({
      id: `pull.pin.${id}`,
      section: '12.4',
      title: `a certificate nobody trusts is accepted when it matches the thumbprint, written in ${title}`,
      needs,
      async run(stage) {
        const { host, path } = served(stage, stage.newPackage());
        const pin = { ssl_certificate_thumbprint: write(host.thumbprint) };
        await reachImport(
          stage,
          await pulling(stage, `${host.secureUrl}/${path}.ovf`, pin),
          'IMPORT_SELECTING_OVF_PARAMS',
        );
      },
    }),
  ),
  ...[
    { id: 'other', title: 'that does not match the thumbprint', pin: { ssl_certificate_thumbprint: '00'.repeat(20) } },
    { id: 'none', title: 'that nobody trusts, without a thumbprint,', pin: {} },
  ].map(
    ({ id, title, pin }): ContractCase => ({
      id: `pull.pin.${id}`,
      section: '12.4',
      title: `a certificate ${title} is refused, at once or in the session`,
      needs,
      async run(stage) {
        const { host, path } = served(stage, stage.newPackage());
        const made = await askForImport(stage, { create_spec: pullSpec(`${host.secureUrl}/${path}.ovf`, pin) });
        if (made.status !== 200) return expectError(made, 'RESOURCE_INACCESSIBLE', 'UNVERIFIED_PEER');
        await reachImport(stage, idOf(made), 'IMPORT_ERROR');
      },
    }),
  ),
  {
    id: 'pull.pin.http',
    section: '12.4',
    title: 'a thumbprint is ignored for http',
    needs,
    async run(stage) {
      const { host, path } = served(stage, stage.newPackage());
      const pin = { ssl_certificate_thumbprint: '00'.repeat(20) };
      await reachImport(stage, await pulling(stage, `${host.url}/${path}.ovf`, pin), 'IMPORT_SELECTING_OVF_PARAMS');
    },
  },
];

/** Sections 10.1 and 12.4: pulls, and pinned certificates. */
export const pullCases: readonly ContractCase[] = [...wayCases, ...failureCases, ...pinCases];
