import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeIdentity } from '../src/file-server.ts';
import { jsonLines } from '../src/ovfkit.ts';
import type { PlannedFault } from '../src/torture/fault.ts';
import { type FaultProxy, startFaultProxy } from '../src/torture/fault-proxy.ts';
import { needed, openScene, type Scene } from './support/scene.ts';

let scene: Scene;
let proxy: FaultProxy;
let target: readonly string[];
beforeAll(async () => {
  scene = await openScene();
  const identity = await makeIdentity();
  proxy = await startFaultProxy({
    upstream: new URL(scene.service.url),
    ca: await readFile(scene.service.certificate, 'utf8'),
    identity,
    trafficOf: () => 'call',
    kill: async () => undefined,
  });
  const { fingerprint256 } = new X509Certificate(identity.cert);
  target = ['--to', proxy.url.replace('//', '//admin@'), '--thumbprint', fingerprint256];
});
afterAll(async () => {
  await proxy.close();
  await scene.close();
});

const busy = (nth: number): PlannedFault => ({ on: 'call', nth, fault: { kind: 'refuse', status: 503 } });
const env = { OVFKIT_PASSWORD: 'demo-password' };

test('a call that is tried again is told: as a line of JSON, and as a line of text', async () => {
  proxy.plan([busy(4)]);
  const json = await scene.ovfkit(['import', scene.appliance.folder, ...target, ...needed, '-n', 'one', '--json'], {
    env,
  });
  expect(json, json.stderr).toMatchObject({ exitCode: 0 });
  expect(jsonLines(json.stdout).filter(({ type }) => type === 'retry')).toEqual([
    {
      v: 1,
      type: 'retry',
      name: expect.stringMatching(/^\w+\.\w+$/),
      reason: expect.any(String),
      inMs: expect.any(Number),
    },
  ]);
  proxy.plan([busy(4)]);
  const text = await scene.ovfkit(['import', scene.appliance.folder, ...target, ...needed, '-n', 'two'], { env });
  expect(text).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(/^retry \w+\.\w+ in /m) });
});

test('a target that says nothing is given up after the time that is set, and the call is tried again', async () => {
  proxy.plan([{ on: 'call', nth: 4, fault: { kind: 'silence', direction: 'response', at: 0 } }]);
  const ended = await scene.ovfkit(['import', scene.appliance.folder, ...target, ...needed, '-n', 'three', '--json'], {
    env: { ...env, OVFKIT_STALL_TIMEOUT: '1' },
  });
  expect(ended, ended.stderr).toMatchObject({ exitCode: 0 });
  const [retry] = jsonLines(ended.stdout).filter(({ type }) => type === 'retry');
  expect(retry?.['reason']).toMatch(/did not answer in time/);
});

test('a time that is none is refused', async () => {
  const ended = await scene.ovfkit(['sessions', 'list', '--on', 'lab'], { env: { OVFKIT_STALL_TIMEOUT: 'soon' } });
  expect(ended).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('OVFKIT_STALL_TIMEOUT') });
});
