import { setTimeout as sleep } from 'node:timers/promises';
import type { SamplePackage } from '../sample-package.ts';
import { ContractBreach, type Exchange, expectThat, resultOf } from './exchange.ts';
import { field, listOf, textOf } from './json.ts';
import type { Stage } from './stage.ts';

const base = '/rest/com/vmware/vcenter/ovf';

/** The services of the contract (section 2). */
export const services = {
  import: `${base}/import-session`,
  export: `${base}/export-session`,
  probe: `${base}/probe-import-session`,
  ovf: base,
} as const;

/** An id that no target ever gave. */
export const unknownId = '00000000-0000-4000-8000-000000000000';

/** An element's path, and one of its actions. */
export const element = (service: string, id: string, action?: string): string =>
  `${service}/id:${encodeURIComponent(id)}${action === undefined ? '' : `?~action=${action}`}`;

/** `@class` of the specifications (section 1.2). */
export const classes = {
  importSpec: 'com.vmware.vcenter.ovf.import_session.create_spec',
  exportSpec: 'com.vmware.vcenter.ovf.export_session.create_spec',
  previewSpec: 'com.vmware.vcenter.ovf.export_session.preview_spec',
  params: (tail: string): string => `com.vmware.vcenter.ovf.${tail}`,
} as const;

type Fields = Readonly<Record<string, unknown>>;

/** The create_spec of a push, or of what `fields` make of it. */
export const importSpec = (fields: Fields = {}): Fields => ({
  '@class': classes.importSpec,
  import_flags: [],
  source_type: 'PUSH_SOURCE',
  ...fields,
});

/** A pull of the suite's own server. */
export const pullSpec = (url: string, fields: Fields = {}): Fields =>
  importSpec({ source_type: 'PULL_SOURCE', pull_source: url, ...fields });

/** Asks for an import session. When it is made, it is deleted in the end. */
export async function askForImport(stage: Stage, body: Fields): Promise<Exchange> {
  const path = element(services.import, stage.place.resourcePool, 'create-for-resource-pool');
  return remembered(stage, services.import, await stage.post(path, body));
}

/** Likewise a probe session. */
export async function askForProbe(stage: Stage, body: Fields): Promise<Exchange> {
  const path = `${services.probe}?~action=create-probe-import-session`;
  return remembered(stage, services.probe, await stage.post(path, body));
}

/** Likewise an export session. */
export async function askForExport(stage: Stage, body: Fields): Promise<Exchange> {
  return remembered(stage, services.export, await stage.post(services.export, body));
}

/** An exchange that may have made a session, which is deleted in the end. */
export function remembered(stage: Stage, service: string, made: Exchange): Exchange {
  const id = textOf(field(made.json, 'value'));
  if (made.status === 200 && id !== '') stage.later(() => stage.remove(element(service, id)));
  return made;
}

/** A new import session in the stage's folder. */
export const createImport = async (stage: Stage, spec: Fields = importSpec()): Promise<string> =>
  idOf(await askForImport(stage, { folder: stage.place.folder, create_spec: spec }));

/** A new probe session. */
export const createProbe = async (stage: Stage, spec: Fields = importSpec()): Promise<string> =>
  idOf(await askForProbe(stage, { create_spec: spec }));

/** The id a creation answered. */
export function idOf(made: Exchange): string {
  const id = textOf(resultOf(made));
  expectThat(made, { 'the value is the id of the session, a string': id !== '' });
  return id;
}

/** One entry of `files`. */
export interface FileEntry {
  readonly name: string;
  readonly type: string;
  readonly url: string;
  readonly fields: unknown;
}

/** The entry of a file; without a URL and fields when there is none. */
export const entryOf = (files: readonly FileEntry[], name: string): FileEntry =>
  files.find((each) => each.name === name) ?? { name, type: '', url: '', fields: undefined };

/** The Info of a session. */
export interface Info {
  readonly exchange: Exchange;
  readonly value: unknown;
  readonly state: string;
  readonly files: readonly FileEntry[];
}

/** Asks for the Info of a session of any service. */
export async function infoOf(stage: Stage, path: string): Promise<Info> {
  const asked = await stage.get(path);
  const value = resultOf(asked);
  const files = listOf(field(value, 'files')).map((fields) => ({
    name: textOf(field(fields, 'name')),
    type: textOf(field(fields, 'file_type')),
    url: textOf(field(fields, 'file_url')),
    fields,
  }));
  return { exchange: asked, value, state: textOf(field(value, 'state')), files };
}

/** The Info of an import. */
export const importInfo = (stage: Stage, id: string): Promise<Info> => infoOf(stage, element(services.import, id));

const patienceMs = 60_000;

/** States that nothing leaves. */
const terminal = /_(?:COMPLETED|ERROR)$/;

/** A session once it is in one of `states`, and the states it was seen in on the way. Rejects when it gets stuck or ends otherwise. */
export async function reach(
  stage: Stage,
  path: string,
  ...states: readonly string[]
): Promise<Info & { readonly seen: readonly string[] }> {
  const end = performance.now() + patienceMs;
  const seen: string[] = [];
  for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 1.5, 500)) {
    const info = await infoOf(stage, path);
    if (seen.at(-1) !== info.state) seen.push(info.state);
    if (states.includes(info.state)) return { ...info, seen };
    if (terminal.test(info.state) || performance.now() > end)
      throw new ContractBreach(
        info.exchange,
        `the session comes to ${states.join(' or ')}, by way of ${seen.join(', ')}`,
      );
    await sleep(pauseMs);
  }
}

/** An import once it is in one of `states`. */
export const reachImport = (stage: Stage, id: string, ...states: readonly string[]) =>
  reach(stage, element(services.import, id), ...states);

/** Sends bytes to the URL of a file. */
export async function uploadTo(stage: Stage, url: string, bytes: Uint8Array): Promise<Exchange> {
  const headers = { 'content-length': String(bytes.length), 'content-type': 'application/octet-stream' };
  return stage.call({ method: 'PUT', path: url, body: bytes, headers });
}

/** Sends a file of an import, found by its name, whole. */
export async function upload(stage: Stage, id: string, file: { readonly name: string; readonly bytes: Uint8Array }) {
  const info = await importInfo(stage, id);
  const entry = info.files.find(({ name }) => name === file.name);
  if (entry === undefined) throw new ContractBreach(info.exchange, `files has an entry ${file.name}`);
  const sent = await uploadTo(stage, entry.url, file.bytes);
  expectThat(sent, { 'the upload is answered by 2xx': sent.status >= 200 && sent.status < 300 });
}

/** Sends the descriptor of a push to its one entry. */
export async function uploadDescriptor(stage: Stage, id: string, bytes: Uint8Array): Promise<void> {
  const { files } = await importInfo(stage, id);
  await upload(stage, id, { name: files[0]?.name ?? '', bytes });
}

/** A push of a package, waiting for parameters. */
export async function selecting(stage: Stage, sample: SamplePackage, spec: Fields = {}): Promise<string> {
  const id = await createImport(stage, importSpec(spec));
  await uploadDescriptor(stage, id, sample.descriptor.bytes);
  await reachImport(stage, id, 'IMPORT_SELECTING_OVF_PARAMS');
  return id;
}

/** A push of an archive, waiting for parameters, and what it told then. */
export async function selectingArchive(stage: Stage, bytes: Uint8Array): Promise<Info & { readonly id: string }> {
  const id = await createImport(stage, importSpec({ push_source_content_type: 'OVA_SOURCE' }));
  await upload(stage, id, { name: 'descriptor.ova', bytes });
  return { id, ...(await reachImport(stage, id, 'IMPORT_SELECTING_OVF_PARAMS')) };
}

/** One parameter structure. */
export const params = (tail: string, type: string, fields: Fields): Fields => ({
  '@class': classes.params(tail),
  type,
  ...fields,
});

/** What a sample package needs to be instantiated. */
export const parametersOf = ({ place }: Stage, name: string): readonly Fields[] => [
  params('name_and_product_params', 'NameAndProductParams', { name }),
  params('network_mapping_params', 'NetworkMappingParams', {
    source_networks: [{ name: 'VM Network', target: place.network }],
  }),
  params('datastore_mapping_params', 'DatastoreMappingParams', { target_datastore: place.datastore }),
  params('eula_params', 'EulaParams', { all_EULA_accepted: true }),
];

/** Calls instantiate with what the sample needs. */
export const instantiate = (stage: Stage, id: string, parameters: readonly unknown[]): Promise<Exchange> =>
  stage.post(element(services.import, id, 'instantiate'), { instantiation_parameters: parameters });

/** Calls try_instantiate. */
export const tryInstantiate = (stage: Stage, id: string, parameters: readonly unknown[]): Promise<Exchange> =>
  stage.post(element(services.import, id, 'try-instantiate'), { instantiation_parameters: parameters });

/** A push in IMPORT_FILE_TRANSFER: its disk is missing. */
export async function transferring(stage: Stage, sample: SamplePackage, spec: Fields = {}): Promise<string> {
  const id = await selecting(stage, sample, spec);
  valueless(await instantiate(stage, id, parametersOf(stage, sample.name)));
  await reachImport(stage, id, 'IMPORT_FILE_TRANSFER');
  return id;
}

/** Rejects a refusal of a step that is not what the case is about. */
export function valueless(done: Exchange): void {
  expectThat(done, { 'the call succeeds': done.status === 200 });
}

/** A push that has made its virtual machine. */
export async function completed(
  stage: Stage,
  sample: SamplePackage,
): Promise<{ readonly id: string; readonly vmId: string }> {
  const id = await transferring(stage, sample);
  await upload(stage, id, sample.disk);
  const { value } = await reachImport(stage, id, 'IMPORT_COMPLETED');
  return { id, vmId: textOf(field(value, 'vm_id')) };
}

/** A push that has failed: its descriptor is no OVF. */
export async function failed(stage: Stage): Promise<string> {
  const id = await createImport(stage);
  await uploadDescriptor(stage, id, new TextEncoder().encode('<?xml version="1.0"?><Envelope xmlns="urn:other"/>'));
  await reachImport(stage, id, 'IMPORT_ERROR');
  return id;
}

/** The create_spec of a download, or of what `fields` make of it. */
export const exportSpec = (fields: Fields = {}): Fields => ({
  '@class': classes.exportSpec,
  target_type: 'DOWNLOAD_TARGET',
  target_content_type: 'OVF_TARGET',
  ...fields,
});

/** A download of the run's machine, ready. */
export async function readyExport(stage: Stage, fields: Fields = {}): Promise<Info & { readonly id: string }> {
  const source = { vm_id: await stage.machine() };
  const id = idOf(await askForExport(stage, { source, create_spec: exportSpec(fields) }));
  return { id, ...(await reach(stage, element(services.export, id), 'EXPORT_READY')) };
}
