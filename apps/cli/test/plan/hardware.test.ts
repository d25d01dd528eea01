import { readDescriptor } from '@ovfkit/package-format';
import { connectVim, type VimClient } from '@ovfkit/vsphere';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startSampleVcenter } from '../../../../packages/vsphere/test/support/vim-server/sample-vcenter.ts';
import { checkHardware } from '../../src/plan/hardware.ts';

const descriptorOf = (family: string) =>
  readDescriptor(
    new TextEncoder().encode(`<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData"><References/>
<VirtualSystem ovf:id="vm"><Info>A machine</Info><VirtualHardwareSection><Info>Hardware</Info>
<System><vssd:ElementName>Hardware</vssd:ElementName><vssd:InstanceID>0</vssd:InstanceID>
<vssd:VirtualSystemType>${family}</vssd:VirtualSystemType></System></VirtualHardwareSection></VirtualSystem></Envelope>`),
    { file: 'a.ovf' },
  );

const placement = { resourcePool: { id: 'resgroup-8', name: 'Resources' }, host: { id: 'host-9', name: 'esx1' } };

/** A target whose hosts have these versions, and what it was asked. */
function targetWith(versions: readonly string[], hardwareVersions = 'told') {
  const asked: unknown[] = [];
  const list = async (filter: unknown) => {
    asked.push(filter);
    return versions.map((version) => ({ version }));
  };
  return {
    asked,
    backend: {
      features: { hardwareVersions: hardwareVersions === 'told' },
      inventory: { hardwareVersion: { list } },
    },
    vim: async (): Promise<VimClient | undefined> => undefined,
  };
}

const check = (target: ReturnType<typeof targetWith>, family: string) =>
  checkHardware(target, { descriptor: descriptorOf(family), placement, signal: new AbortController().signal });

describe('virtual hardware', () => {
  test('that the pool has is told, and the pool and the host are asked for it', async () => {
    const target = targetWith(['vmx-13', 'vmx-19']);
    expect(await check(target, 'vmx-19')).toBe('vmx-19');
    expect(target.asked).toEqual([{ resourcePools: ['resgroup-8'], hosts: ['host-9'] }]);
  });

  test('is right when one of several versions is there', async () => {
    await expect(check(targetWith(['vmx-13']), 'vmx-10 vmx-13')).resolves.toBe('vmx-10, vmx-13');
  });

  test.each(['vmx-21', 'virtualbox-2.2'])(
    '%s is refused where hosts are older, with what they have and what to do',
    async (family) => {
      await expect(check(targetWith(['vmx-13', 'vmx-19']), family)).rejects.toMatchObject({
        exitClass: 'targetRefused',
        details: [`vm asks for ${family}`, 'Resources has vmx-13, vmx-19'],
        hint: expect.stringContaining('--hardware vmx-19'),
      });
    },
  );

  test.each([
    ['vmx-19', ['vmx-13', 'vmx-15', 'vmx-20', 'vmx-21'], 'vmx-15'],
    ['vmx-10', ['vmx-13', 'vmx-15'], 'vmx-13'],
    ['vmx-09', ['vmx-4', 'vmx-08', 'vmx-10'], 'vmx-08'],
  ])('that asks for %s is advised what is nearest to it of %j', async (family, offered, advised) => {
    await expect(check(targetWith(offered), family)).rejects.toMatchObject({
      hint: `ovfkit repair PACKAGE -o FIT.ova --hardware ${advised} writes one that asks for that.`,
    });
  });

  test('is taken as it is where nothing is run', async () => {
    expect(await check(targetWith([]), 'virtualbox-2.2')).toContain('takes any hardware');
  });

  test('is asked of vim25 where the REST API does not tell', async () => {
    const server = await startSampleVcenter();
    onTestFinished(() => server.close());
    const client = await connectVim({ url: server.url, user: 'user', password: 'pass' });
    onTestFinished(() => client.close());
    const target = { ...targetWith([], 'silent'), vim: async () => client };
    const place = { resourcePool: { id: 'resgroup-11', name: 'Resources' } };
    const signal = new AbortController().signal;
    const question = { placement: place, signal };
    expect(await checkHardware(target, { ...question, descriptor: descriptorOf('vmx-13') })).toBe('vmx-13');
    await expect(checkHardware(target, { ...question, descriptor: descriptorOf('vmx-99') })).rejects.toMatchObject({
      exitClass: 'targetRefused',
    });
  });

  test('is unknown where the target does not tell, or the package is not read here', async () => {
    expect(await check(targetWith(['vmx-13'], 'silent'), 'vmx-21')).toBeUndefined();
    const elsewhere = { descriptor: undefined, placement, signal: new AbortController().signal };
    expect(await checkHardware(targetWith(['vmx-13']), elsewhere)).toBeUndefined();
  });
});
