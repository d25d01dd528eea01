import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bytesOf, placeIn, samplePackage } from '@ovfkit/conformance';
import { createRestBackend, type RestBackend } from '@ovfkit/rest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jsonLines, runOvfkit } from '../src/ovfkit.ts';
import { makeAppliance, type SampleAppliance } from '../src/sample-appliance.ts';
import { type Service, startService } from '../src/service.ts';
import { compareDisks } from '../src/verify.ts';
import { append } from './support/append.ts';
import { mib, needed } from './support/scene.ts';

let folder: string;
let config: string;
let appliance: SampleAppliance;
let service: Service;

const start = (port?: number): Promise<Service> =>
  startService({ data: join(folder, 'data'), ...(port === undefined ? {} : { port }) });
const portOf = ({ url }: Service): number => Number(new URL(url).port);

/** As a power cut and the next boot would: the same folder, the same address. */
async function restart(): Promise<void> {
  await service.kill();
  service = await start(portOf(service));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovfkit-kill-'));
  config = join(folder, 'config');
  appliance = await makeAppliance({ folder: join(folder, 'sample'), name: 'sample', capacities: [64 * mib, 16 * mib] });
  service = await start();
  const { url, user, thumbprint, password } = service;
  const args = ['target', 'add', 'lab', url, '--user', user, '--thumbprint', thumbprint, '--password-stdin'];
  await runOvfkit(args, { config, input: password });
});
afterAll(async () => {
  await service.stop();
  await rm(folder, { recursive: true, force: true });
});

const connect = (): Promise<RestBackend> => {
  const { url, user, password, thumbprint } = service;
  return createRestBackend({ url, user, password, thumbprint });
};

describe('SIGKILL at any moment of an import', () => {
  // ten moments spread over the time an import takes, each at a random point of its tenth
  test.each(Array.from({ length: 10 }, (_, index) => index))(
    'moment %i: the client goes on by itself or its next attempt succeeds',
    async (index) => {
      const name = `killed-${index}`;
      const args = ['import', appliance.folder, '--to', 'lab', '-n', name, ...needed, '--json'];
      const delayMs = 100 + (index + Math.random()) * 120;
      const running = runOvfkit(args, { config });
      await sleep(delayMs);
      await restart();
      const first = await running;
      const session = jsonLines(first.stdout).find(({ type }) => type === 'session');
      if (first.exitCode !== 0) {
        const again = await runOvfkit(
          args.map((arg) => (arg === name ? `${name}-again` : arg)),
          { config },
        );
        expect(again, `after ${delayMs} ms, session ${String(session?.['id'])}: ${first.stderr}`).toMatchObject({
          exitCode: 0,
        });
      }
      const backend = await connect();
      try {
        const made = (await backend.inventory.vm.list({})).filter((vm) => vm.name.startsWith(name));
        expect(made.length).toBeGreaterThanOrEqual(1);
        expect(await backend.importSession.list({})).toEqual([]);
      } finally {
        await backend.close();
      }
    },
  );

  test('what came out of it is whole', async () => {
    const path = join(folder, 'exported');
    const backend = await connect();
    const vms = await backend.inventory.vm.list({});
    await backend.close();
    for (const [index, { vm }] of [...vms.slice(0, 1), ...vms.slice(-1)].entries()) {
      const output = `${path}-${index}`;
      expect(await runOvfkit(['export', vm, '--from', 'lab', '-o', output], { config })).toMatchObject({ exitCode: 0 });
      expect(await compareDisks(appliance.folder, output)).toBeGreaterThan(mib);
    }
  });
});

describe('SIGKILL while a file arrives', () => {
  test('no acknowledged byte is lost, the session is there, and the rest of the file completes it', async () => {
    const sample = samplePackage({ name: 'acknowledged' });
    const { bytes } = sample.disk;
    let backend = await connect();
    const { placement, network } = await placeIn(backend.inventory);
    const id = await backend.importSession.createForResourcePool({
      resourcePool: placement.resourcePool,
      createSpec: { sourceType: 'PUSH_SOURCE', importFlags: [] },
    });
    const stateOf = async () => (await backend.importSession.get({ id })).state;
    const addressOf = async (type: string) => {
      const file = (await backend.importSession.get({ id })).files.find(({ fileType }) => fileType === type);
      if (file === undefined) throw new Error(`the session has no ${type}`);
      return { kind: 'import', sessionId: id, file } as const;
    };
    await backend.files.upload({ ...(await addressOf('OVF')), offset: 0, bytes: bytesOf(sample.descriptor.bytes) });
    await expect.poll(stateOf).toBe('IMPORT_SELECTING_OVF_PARAMS');

    let offset = 0;
    for (let round = 1; round <= 10; round += 1) {
      const { fileUrl = '' } = (await addressOf('DISK')).file;
      const { certificate } = service;
      const end = Math.max(offset, Math.floor((bytes.length * round) / 12));
      const acknowledged = await append(fileUrl, { certificate, offset, bytes: bytes.subarray(offset, end) });
      expect(acknowledged).toBe(end);
      // cut off in the middle of this one, wherever that is
      const lost = append(fileUrl, { certificate, offset: end, bytes: bytes.subarray(end, end + 4_000) });
      lost.catch(() => undefined);
      await sleep(Math.random() * 10);
      await restart();
      await backend.close().catch(() => undefined);
      backend = await connect();
      expect(await stateOf()).toBe('IMPORT_SELECTING_OVF_PARAMS');
      offset = (await backend.files.uploadState(await addressOf('DISK'))).offset;
      expect(offset).toBeGreaterThanOrEqual(acknowledged);
    }

    const rest = { offset, size: bytes.length, bytes: bytesOf(bytes.subarray(offset)) };
    const { isComplete } = await backend.files.upload({ ...(await addressOf('DISK')), ...rest });
    expect(isComplete).toBe(true);
    await backend.importSession.instantiate({
      id,
      instantiationParameters: [
        { type: 'NameAndProductParams', name: 'acknowledged' },
        { type: 'NetworkMappingParams', sourceNetworks: [{ name: 'VM Network', target: network }] },
        { type: 'EulaParams', allEulaAccepted: true },
      ],
    });
    await expect.poll(stateOf, { timeout: 10_000 }).toBe('IMPORT_COMPLETED');
    await backend.importSession.delete({ id });
    await backend.close();
  });
});
