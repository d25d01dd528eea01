import { expect, onTestFinished, test } from 'vitest';
import { VimServerFault } from '../../../packages/vsphere/test/support/vim-server/model.ts';
import { jsonLines } from '../src/ovfkit.ts';
import { resultOf } from './support/scene.ts';
import { openVcenterScene } from './support/vcenter-scene.ts';

const nets = ['--net', 'Frontend=VM Network', '--net', 'Backend=VM Network', '--accept-eula'] as const;

/** A vCenter without sessions. */
async function open() {
  const scene = await openVcenterScene();
  onTestFinished(() => scene.close());
  scene.switches.sessionApi = 'off';
  scene.switches.library = 'off';
  const at = ['--to', scene.url, '--user', scene.user, '--thumbprint', scene.thumbprint, '--cluster', 'cluster 1'];
  const words = (command: string, ...more: readonly string[]) =>
    scene.ovfkit([command, scene.appliance, ...at, '--datastore', 'ssd', ...nets, ...more]);
  const callsOf = (method: string) => scene.server.calls.filter((call) => call.endsWith(method)).length;
  return { ...scene, words, callsOf };
}

/** Without what is told of its hosts, which are nowhere. */
function planOf(stdout: string) {
  const plan = jsonLines(stdout).find(({ type }) => type === 'plan');
  const problems: unknown = plan?.['problems'];
  const isOther = (each: object): boolean => !('check' in each) || each.check !== 'target';
  return { ...plan, checks: plan?.['checks'], problems: Array.isArray(problems) ? problems.filter(isOther) : [] };
}

const refusals = [
  ['OvfNoSupportedHardwareFamily', "No supported hardware versions among 'vmx-99'.", 'hardware', 'ovfkit repair'],
  ['OvfNetworkMappingNotSupported', 'no network for Frontend', 'networks', '--net'],
  ['OvfUnsupportedSection', "Unsupported section 'ClusterSection'", 'package', '--lax'],
  ['OvfUnsupportedDiskProvisioning', 'no such disks', 'storage', '--disk-mode'],
  ['OvfPropertyValue', 'a value is out of range', 'properties', '--prop'],
  ['NoPermission', 'Permission to perform this operation was denied.', 'privileges', 'privilege'],
] as const;

test.each(refusals)(
  'what vSphere would refuse by %s is part of the plan and ends it, and the import',
  async (...row) => {
    const [fault, text, check, hint] = row;
    const { words, remarks, names, callsOf } = await open();
    const before = names();
    remarks.errors.push(new VimServerFault(fault, text));
    const planned = await words('plan', '--json');
    expect(planned.exitCode).toBe(5);
    const plan = planOf(planned.stdout);
    expect(plan.checks).toContainEqual(expect.objectContaining({ check, status: 'failed' }));
    // the descriptor is judged with the choices and without, which says the same
    expect(plan.problems).toEqual([
      {
        ...{ check, severity: 'error', exitCode: 5, details: [], message: `vSphere says: ${text}` },
        hint: expect.stringContaining(hint),
      },
    ]);
    const onPage = await words('plan');
    expect(onPage).toMatchObject({ exitCode: 5, stdout: expect.stringMatching(new RegExp(`\\n${check} +no `)) });
    expect(onPage.stdout).toContain(`vSphere says: ${text}`);
    const imported = await words('import', '--json');
    expect(imported.exitCode).toBe(5);
    expect(resultOf(imported)).toMatchObject({ error: { hint: expect.stringContaining(hint) } });
    expect([names(), callsOf('ImportVApp')]).toEqual([before, 0]);
  },
);

test('what vSphere remarks is a warning of the plan and holds up nothing', async () => {
  const { words, remarks } = await open();
  remarks.warnings.push(new VimServerFault('OvfUnknownDevice', 'a strange device'));
  const planned = await words('plan', '--json');
  expect(planned).toMatchObject({ exitCode: 0 });
  expect(planOf(planned.stdout).problems).toEqual([
    {
      ...{ check: 'hardware', severity: 'warning', exitCode: 0, details: [] },
      message: 'vSphere says: a strange device',
    },
  ]);
  const imported = await words('import', '--json');
  expect(imported.exitCode).toBe(0);
  expect(imported.stdout.match(/a strange device/g)).toHaveLength(1);
});

test('a plan asks vSphere for everything that was chosen, and an import asks once what it then makes', async () => {
  const { words, remarks, callsOf } = await open();
  await words('plan', '-n', 'web 1', '--disk-mode', 'thin', '--json');
  expect(remarks.asked.at(-1)).toMatchObject({ entityName: 'web 1', diskProvisioning: 'thin' });
  expect(JSON.stringify(remarks.asked.at(-1)?.['networkMapping'])).toContain('Frontend');
  const before = callsOf('CreateImportSpec');
  expect((await words('import', '-n', 'web 1', '--disk-mode', 'thin')).exitCode).toBe(0);
  expect(callsOf('CreateImportSpec') - before).toBe(1);
});

test('that a content library is missing, which packages would pass through, is part of the plan', async () => {
  const { words, switches } = await open();
  switches.library = 'on';
  const planned = await words('plan', '--via', 'library', '--json');
  expect(planned.exitCode).toBe(5);
  expect(planOf(planned.stdout)).toMatchObject({
    problems: [
      {
        ...{ check: 'library', severity: 'error', exitCode: 5 },
        ...{ message: expect.stringMatching(/no local content library/), hint: expect.stringContaining('--library') },
      },
    ],
  });
});
