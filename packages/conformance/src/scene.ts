import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  ErrorKind,
  ExportCreateSpec,
  ExportInfo,
  ImportCreateSpec,
  ImportInfo,
  OvfFileInfo,
  OvfParams,
  SessionBackend,
  UploadState,
} from '@ovfkit/domain';
import type { Case } from './case.ts';
import type { SampleFile } from './sample-archive.ts';
import { bytesOf, sha256 } from './sample-bytes.ts';
import { type SamplePackage, samplePackage } from './sample-package.ts';
import { type SampleSuite, sampleSuite } from './sample-suite.ts';

/** A backend, and where in it the cases may make virtual machines. They delete them again. */
export interface BackendSubject {
  readonly backend: SessionBackend;
  readonly target: {
    readonly resourcePool: string;
    readonly folder: string;
    readonly datastore: string;
    readonly network: string;
  };
}

/** A subject with what the cases do over and over. What was made through it is removed when the case ends. */
export interface Scene extends BackendSubject {
  /** A sample package whose name no other case has. */
  newPackage(languages?: readonly string[]): SamplePackage;
  /** Likewise a package of a collection; its vApp is deleted with the rest. */
  newSuite(): SampleSuite;
  /** A push of OVF files without a manifest, unless `spec` says otherwise. */
  createPush(spec?: Partial<ImportCreateSpec>): Promise<string>;
  createExport(vmId: string, spec?: Partial<ExportCreateSpec>): Promise<string>;
  /** The session's entry for a file, as it is now. */
  fileOf(sessionId: string, name: string): Promise<OvfFileInfo>;
  /** Sends a whole file; `name` is its name in the session when that differs from the package's. */
  send(sessionId: string, file: SampleFile, name?: string): Promise<UploadState>;
  /** A push session with its descriptor parsed, waiting for parameters. */
  pushDescriptor(sample: Pick<SamplePackage, 'descriptor'>, spec?: Partial<ImportCreateSpec>): Promise<string>;
  /** Parameters that instantiate the sample: name, mapped network and datastore, accepted licence. */
  parameters(name: string): readonly OvfParams[];
  /** Runs a push import of the sample to its end; gives the virtual machine. */
  importSample(sample: SamplePackage): Promise<string>;
  /** Ids of the virtual machines with this name. */
  machines(name: string): Promise<readonly string[]>;
}

const pollMs = 20;
const patienceMs = 20_000;
let samples = 0;

/** A case that plays on a scene. */
export const sceneCase = (name: string, play: (scene: Scene) => Promise<void>): Case<BackendSubject> => ({
  name,
  async run(make) {
    const subject = await make();
    const cleanUps: (() => Promise<unknown>)[] = [];
    try {
      await play(createScene(subject, cleanUps));
    } finally {
      for (const cleanUp of cleanUps.toReversed()) await cleanUp();
    }
  },
});

/** The session once it is in one of `states`; rejects when it ends in another, or takes too long. */
export async function until(backend: SessionBackend, id: string, ...states: readonly string[]): Promise<ImportInfo> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const info = await backend.importSession.get({ id });
    if (states.includes(info.state)) return info;
    const isStuck = info.state === 'IMPORT_ERROR' || info.state === 'IMPORT_COMPLETED' || performance.now() > end;
    assert.ok(!isStuck, `${info.state} instead of ${states.join(' or ')}: ${JSON.stringify(info.errors)}`);
    await sleep(pollMs);
  }
}

/** The export once its files can be downloaded. */
export async function untilReady(backend: SessionBackend, id: string): Promise<ExportInfo> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const info = await backend.exportSession.get({ id });
    if (info.state === 'EXPORT_READY') return info;
    const isStuck = info.state !== 'EXPORT_PREPARING' || performance.now() > end;
    assert.ok(!isStuck, `${info.state} instead of EXPORT_READY: ${JSON.stringify(info.errors)}`);
    await sleep(pollMs);
  }
}

/** Rejects unless `call` is refused with one of these kinds. */
export async function refuses(call: Promise<unknown>, ...kinds: readonly ErrorKind[]): Promise<void> {
  await assert.rejects(call, (error: { readonly kind?: unknown; readonly message?: string }) => {
    assert.ok(
      kinds.some((kind) => kind === error.kind),
      `${String(error.kind)} (${error.message ?? ''}) instead of ${kinds.join(' or ')}`,
    );
    return true;
  });
}

function createScene(subject: BackendSubject, cleanUps: (() => Promise<unknown>)[]): Scene {
  const { backend, target } = subject;
  const scene: Scene = {
    ...subject,
    newSuite() {
      const name = newName('suite');
      cleanUps.push(() => deleteVapps(backend, name));
      return sampleSuite(name);
    },
    newPackage(languages = []) {
      const name = newName('sample');
      cleanUps.push(() => deleteMachines(backend, name));
      return samplePackage({ name, languages });
    },
    async createPush(spec = {}) {
      const createSpec: ImportCreateSpec = { importFlags: [], sourceType: 'PUSH_SOURCE', ...spec };
      const { resourcePool, folder } = target;
      const id = await backend.importSession.createForResourcePool({ resourcePool, folder, createSpec });
      cleanUps.push(() => backend.importSession.delete({ id }));
      return id;
    },
    async createExport(vmId, spec = {}) {
      const createSpec: ExportCreateSpec = { targetType: 'DOWNLOAD_TARGET', targetContentType: 'OVF_TARGET', ...spec };
      const id = await backend.exportSession.create({ source: { vmId }, createSpec });
      cleanUps.push(() => backend.exportSession.delete({ id }));
      return id;
    },
    parameters: (name) => parametersFor(name, target),
    machines: async (name) => (await backend.inventory.vm.list({ names: [name] })).map(({ vm }) => vm),
    ...transfersOf(backend, () => scene),
  };
  return scene;
}

type Transfers = Pick<Scene, 'fileOf' | 'send' | 'pushDescriptor' | 'importSample'>;

function transfersOf(backend: SessionBackend, scene: () => Scene): Transfers {
  const transfers: Transfers = {
    async fileOf(id, name) {
      const { files } = await backend.importSession.get({ id });
      const file = files.find((each) => each.name === name);
      assert.ok(file, `the session has no file ${name} but ${files.map((each) => each.name).join(', ')}`);
      return file;
    },
    async send(sessionId, { name, bytes }, nameInSession = name) {
      const file = await transfers.fileOf(sessionId, nameInSession);
      const whole = { offset: 0, size: bytes.length, sha256: sha256(bytes), bytes: bytesOf(bytes) };
      return backend.files.upload({ kind: 'import', sessionId, file, ...whole });
    },
    async pushDescriptor(sample, spec) {
      const id = await scene().createPush(spec);
      const { files } = await backend.importSession.get({ id });
      await transfers.send(id, sample.descriptor, files[0]?.name);
      await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS', 'IMPORT_MSG_BUNDLES_TRANSFER');
      return id;
    },
    async importSample(sample) {
      const id = await transfers.pushDescriptor(sample);
      await backend.importSession.instantiate({ id, instantiationParameters: scene().parameters(sample.name) });
      await transfers.send(id, sample.disk);
      const { vmId } = await until(backend, id, 'IMPORT_COMPLETED');
      assert.ok(vmId, 'a completed import names its virtual machine');
      return vmId;
    },
  };
  return transfers;
}

const parametersFor = (name: string, target: BackendSubject['target']): readonly OvfParams[] => [
  { type: 'NameAndProductParams', name, annotation: `Note of ${name}` },
  { type: 'NetworkMappingParams', sourceNetworks: [{ name: 'VM Network', target: target.network }] },
  { type: 'DatastoreMappingParams', targetDatastore: target.datastore, targetProvisioningType: 'thin' },
  { type: 'EulaParams', allEulaAccepted: true },
  { type: 'PropertyParams', properties: [{ classId: 'net', id: 'hostname', value: 'chosen' }] },
];

async function deleteMachines(backend: SessionBackend, name: string): Promise<void> {
  for (const { vm } of await backend.inventory.vm.list({ names: [name] })) await backend.inventory.vm.delete({ vm });
}

async function deleteVapps({ inventory, features }: SessionBackend, name: string): Promise<void> {
  if (!features.vappList) return;
  for (const { vapp } of await inventory.vapp.list({ names: [name] })) await inventory.vapp.delete({ vapp });
}

/** Unlike any other, of this run or another, on the same backend. */
function newName(stem: string): string {
  samples += 1;
  return `${stem}-${Date.now().toString(36)}-${samples}`;
}
