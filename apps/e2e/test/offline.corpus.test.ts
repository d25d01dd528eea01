// The offline commands over real packages, judged by other tools: GNU tar, sha256sum, openssl, gunzip, qemu-img, libxml2.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ended, jsonLines, runOvfkit } from '../src/ovfkit.ts';
import { schemaProblems } from './support/schema.ts';

const corpus = join(process.env['OVFKIT_CORPUS'] ?? '', 'descriptors');
const run = promisify(execFile);
const shell = async (text: string, cwd: string): Promise<string> => (await run('sh', ['-ec', text], { cwd })).stdout;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovfkit-offline-corpus-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const path = (name: string): string => join(folder, name);
const ovfkit = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  runOvfkit(args, { config: path('config'), env });

async function succeed(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const ended = await ovfkit(args, env);
  expect(ended, ended.stderr).toMatchObject({ exitCode: 0 });
  return ended.stdout;
}

const descriptors = readdirSync(corpus, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ovf'));

/** Archives with a descriptor that can be read, and how a verification ends after the repair: their disks may be stubs. */
const archives = [
  ['Awingu-open-ovf--ourOVF/ourOVF.ova', 3],
  ['ganeti-ganeti--ovfdata/ova.ova', 0],
  ['harvester-vm-import-controller--test.ova', 0],
  ['openstack-glance--testserver.ova', 3],
  ['vmware-go-vcloud-director--template_with_custom_chunk_size.ova', 0],
  ['vmware-terraform-provider-vcd--test_vapp_template.ova', 0],
] as const;

/** Descriptors that cannot be read at all, and where they say so. All others are shown, whatever is wrong with them. */
const unreadable: ReadonlyMap<string, RegExp> = new Map([
  ['ganeti-ganeti--ovfdata/wrong_xml.ovf', /wrong_xml\.ovf:71:7: .*not well-formed/],
  ['glennmatthews-cot--ersatz_ovf_3.0.ovf', /:2:1: .*namespace http:\/\/schemas\.dmtf\.org\/ovf\/envelope\/3/],
  ['proxmox-pve-storage--XEE.ovf', /:2:\d+: .*DOCTYPE/],
  ['vmware-govmomi--SLES11_SP2_64.ovf', /:3:1: .*no namespace/],
  ['vmware-govmomi--html-404.ovf', /:1:1: .*HTML/],
  ['vmware-govmomi--ovftool-suite/Neg-invalid_env.ovf', /:2:1: .*not an OVF Envelope/],
  ['vmware-govmomi--ovftool-suite/Neg-invalid_namespace.ovf', /:2:1: .*namespace http:\/\/nosuchspec\.com/],
]);

describe('every descriptor', () => {
  test.each(descriptors)('%s is inspected, or refused with line, column and what to do', async (name) => {
    const { exitCode, stdout, stderr } = await ovfkit([join(corpus, name), '--json']);
    const place = unreadable.get(name);
    expect(exitCode, stderr).toBe(place === undefined ? 0 : 3);
    if (place === undefined) expect(JSON.parse(stdout)).toMatchObject({ v: 1, systems: expect.any(Array) });
    else expect(stderr).toMatch(new RegExp(`${place.source}[^\\n]*\\nnext: `));
  });
});

describe.each(archives)('%s', (name, exitCode) => {
  const stem = basename(name, '.ova');

  test('repaired, is an archive that GNU tar and sha256sum agree with', async () => {
    const output = path(`${stem}.repaired.ova`);
    await succeed([
      'repair',
      join(corpus, name),
      '-o',
      output,
      '--for',
      'vsphere-7.0',
      '--new-manifest',
      '--sha',
      '256',
      '--overwrite',
    ]);
    // already right: nothing was written
    if (!(await readdir(folder)).includes(basename(output))) return expect(exitCode).toBe(0);
    expect(await ovfkit(['verify', output])).toMatchObject({ exitCode });
    const members = path(`${stem}.members`);
    await mkdir(members, { recursive: true });
    const listed = (await shell(`tar tf ${output} && tar xf ${output}`, members)).trim().split('\n');
    expect(listed[0]).toMatch(/\.ovf$/);
    expect(listed[1]).toMatch(/\.mf$/);
    const checked = await shell("sed 's/^SHA256(\\(.*\\))= \\(.*\\)$/\\2  \\1/' *.mf | sha256sum -c --strict", members);
    expect(checked.trim().split('\n')).toHaveLength(listed.length - 1);
    const again = await succeed(['repair', output, '--dry-run', '--for', 'vsphere-7.0', '--json']);
    expect(jsonLines(again).at(-1)).toMatchObject({ changes: [] });
  });
});

describe('pack', () => {
  test('what is compressed and cut is put together by cat and gunzip', async () => {
    const source = join(corpus, 'harvester-vm-import-controller--test.ova');
    await succeed(['pack', source, '-o', path('cut.ova'), '--compress', '--chunk-size', '200', '--sha', '512']);
    await mkdir(path('cut'));
    await shell(
      `tar xf ${path('cut.ova')} && cat *.vmdk.gz.0* | gunzip > disk.vmdk && tar xf ${source} ubuntu.2.0-disk1.vmdk && cmp disk.vmdk ubuntu.2.0-disk1.vmdk`,
      path('cut'),
    );
    await succeed(['unpack', path('cut.ova'), '-o', path('uncut'), '--plain']);
    await shell('cmp cut/disk.vmdk uncut/ubuntu.2.0-disk1.vmdk', folder);
  });

  test('a description of a qcow2 disk gives a valid descriptor and a disk that qemu-img finds the same', async () => {
    await shell(
      'qemu-img create -q -f qcow2 root.qcow2 64M && qemu-io -c "write -P 7 5M 3M" root.qcow2 > /dev/null',
      folder,
    );
    await writeFile(
      path('web.yaml'),
      'name: web\nmemory: 2GiB\nnetworks: [Front]\ndisks: [root.qcow2]\nproperties: [{key: host, label: Host}]\nproduct: {name: Web}\n',
    );
    await succeed(['pack', path('web.yaml'), '-o', path('web')]);
    await shell(
      'qemu-img check -q -f vmdk web/web-disk1.vmdk; qemu-img compare -q -f qcow2 -F vmdk root.qcow2 web/web-disk1.vmdk',
      folder,
    );
    expect(schemaProblems(await readFile(path('web/web.ovf'), 'utf8'))).toEqual([]);
    await succeed(['convert', path('web/web-disk1.vmdk'), path('back.qcow2')]);
    await shell('qemu-img check -q back.qcow2 && qemu-img compare -q root.qcow2 back.qcow2', folder);
  });

  test('wrapped archives of gzip, xz and zstd are all read', async () => {
    await shell(
      `cp ${join(corpus, 'harvester-vm-import-controller--test.ova')} x.ova && gzip -k x.ova && xz -k x.ova && zstd -q x.ova`,
      folder,
    );
    for (const ending of ['gz', 'xz', 'zst'])
      expect(await succeed(['verify', path(`x.ova.${ending}`)])).toContain('ubuntu.2.0-disk1.vmdk');
  });
});

describe('sign', () => {
  test.each([
    ['rsa', '-newkey rsa:2048'],
    ['ec', '-newkey ec -pkeyopt ec_paramgen_curve:P-256'],
  ])('a signature of an %s key out of a PKCS#12 of openssl is one that openssl verifies', async (kind, options) => {
    const name = `signed-${kind}`;
    await shell(
      `openssl req -x509 ${options} -nodes -keyout ${kind}.key -out ${kind}.pem -days 9 -subj /CN=${kind} -addext keyUsage=digitalSignature 2> /dev/null
       openssl pkcs12 -export -inkey ${kind}.key -in ${kind}.pem -out ${kind}.p12 -passout pass:open`,
      folder,
    );
    await succeed(['unpack', join(corpus, 'harvester-vm-import-controller--test.ova'), '-o', path(name)]);
    await succeed(['sign', path(name), '--p12', path(`${kind}.p12`), '--sha', '512'], {
      OVFKIT_KEY_PASSPHRASE: 'open',
    });
    const certificate = readFileSync(path(`${name}/ubuntu.2.0.cert`), 'utf8');
    const [, hex = ''] = /^SHA512\(ubuntu\.2\.0\.mf\)= ([0-9a-f]+)$/m.exec(certificate) ?? [];
    await writeFile(path(`${kind}.sig`), Buffer.from(hex, 'hex'));
    const check = `openssl x509 -in ${kind}.pem -pubkey -noout > ${kind}.pub; openssl dgst -sha512 -verify ${kind}.pub -signature ${kind}.sig ${name}/ubuntu.2.0.mf`;
    expect(await shell(check, folder)).toContain('Verified OK');
    expect(await succeed(['verify', path(name), '--roots', path(`${kind}.pem`)])).toContain('valid');
  });
});
