// INDEX.md itself, row by row: what it calls valid or usable has no error, what it calls broken has the fault it names.
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  checkVmdk,
  inspectVmdk,
  openOva,
  PackageError,
  randomAccessOf,
  readDescriptor,
  readManifest,
  readMessageBundle,
  readXml,
} from '@ovfkit/package-format';
import { digest, verifyCertificate, verifyPackage } from '@ovfkit/package-format/node';
import { expect, test } from 'vitest';

const corpus = process.env['OVFKIT_CORPUS'] ?? '';
const pathOf = (name: string): string => join(corpus, 'descriptors', name);
const bytesOf = (name: string): Uint8Array => readFileSync(pathOf(name));

interface Row {
  readonly name: string;
  readonly verdict: string;
}

/** `| file | source | licence | OVF | what it exercises | schema | verdict |`, in the section Files. */
const rows: readonly Row[] = (
  readFileSync(join(corpus, 'INDEX.md'), 'utf8')
    .split(/^## /m)
    .find((section) => section.startsWith('Files')) ?? ''
)
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(2)
  .map((line) => line.replace(/^\| | \|$/g, '').split(' | '))
  .map((cells) => ({ name: cells[0] ?? '', verdict: cells.at(-1) ?? '' }));

interface Judgement {
  readonly errors: readonly string[];
  readonly all: readonly string[];
}

type Found = readonly { readonly severity: string; readonly code: string }[];

const judgement = (found: Found): Judgement => ({
  errors: [...new Set(found.filter(({ severity }) => severity === 'error').map(({ code }) => code))].toSorted(),
  all: found.map(({ code }) => code),
});

/** What is wrong, whether it is told or thrown. */
async function found(work: () => Promise<Found> | Found): Promise<Found> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PackageError)) throw error;
    return [{ severity: 'error', code: error.code }];
  }
}

type Mode = 'strict' | 'lax';

function inText(name: string, mode: Mode): Found {
  const { root } = readXml(bytesOf(name), { file: name });
  if (root.name === 'Environment' && root.namespace === 'http://schemas.dmtf.org/ovf/environment/1') return [];
  if (root.name !== 'Strings') return readDescriptor(bytesOf(name), { file: name, lax: mode === 'lax' }).findings;
  expect(readMessageBundle(bytesOf(name)).messages.size).toBeGreaterThan(0);
  return [];
}

/** What a verification tells, and whether the archive is one that can be sought in, as the specification has it. */
async function inArchive(name: string, mode: Mode): Promise<Found> {
  const sought = await found(async () => {
    await openOva(randomAccessOf(bytesOf(name)));
    return [];
  });
  const told = await found(async () => (await verifyPackage(pathOf(name), { mode })).problems);
  return [...sought, ...told];
}

/** A manifest beside its files: those that are there have the digests it states. */
async function inManifest(name: string): Promise<Found> {
  const problems: { readonly severity: string; readonly code: string }[] = [];
  for (const { name: file, algorithm, digest: stated } of readManifest(bytesOf(name), { file: name }).entries) {
    const beside = rows.find((row) => row.name === join(dirname(name), file));
    if (beside === undefined) problems.push({ severity: 'info', code: 'MANIFEST_FILE_MISSING' });
    else if ((await digest(randomAccessOf(bytesOf(beside.name)).read(allOf(beside.name)), algorithm)) !== stated)
      problems.push({ severity: 'error', code: 'DIGEST_MISMATCH' });
  }
  return problems;
}

const allOf = (name: string) => ({ start: 0, end: bytesOf(name).length });

async function inDisk(name: string): Promise<Found> {
  const { kind } = await inspectVmdk(randomAccessOf(bytesOf(name)));
  if (kind === 'descriptor') return [];
  const { problems } = await checkVmdk(randomAccessOf(bytesOf(name)));
  return problems.map(({ severity }) => ({ severity, code: 'DISK_DAMAGED' }));
}

function inCertificate(name: string): Found {
  const manifest = bytesOf(name.replace(/\.cert$/, '.mf'));
  return verifyCertificate({ certificate: bytesOf(name), manifest }).problems.map(({ code }) => ({
    severity: 'error',
    code,
  }));
}

async function judge(name: string, mode: Mode = 'strict'): Promise<Judgement> {
  if (/\.(?:ovf|xml)$/.test(name)) return judgement(await found(() => inText(name, mode)));
  if (name.endsWith('.ova')) return judgement(await found(() => inArchive(name, mode)));
  if (name.endsWith('.mf')) return judgement(await found(() => inManifest(name)));
  if (name.endsWith('.cert')) return judgement(await found(() => inCertificate(name)));
  if (name.endsWith('.vmdk')) return judgement(await found(() => inDisk(name)));
  throw new Error(`${name} is of no kind that is judged`);
}

/** The errors of every file that has any, by its name without the folder. */
const errors: Readonly<Record<string, readonly string[]>> = {
  // descriptors that are none, or cannot be read
  'glennmatthews-cot--ersatz_ovf_3.0.ovf': ['DESCRIPTOR_NAMESPACE'],
  'Neg-invalid_namespace.ovf': ['DESCRIPTOR_NAMESPACE'],
  'vmware-govmomi--SLES11_SP2_64.ovf': ['DESCRIPTOR_NAMESPACE'],
  'Neg-invalid_env.ovf': ['DESCRIPTOR_INVALID'],
  'vmware-govmomi--html-404.ovf': ['DESCRIPTOR_INVALID'],
  'wrong_xml.ovf': ['XML_INVALID'],
  'proxmox-pve-storage--XEE.ovf': ['XML_FORBIDDEN'],
  // broken references
  'glennmatthews-cot--invalid.ovf': ['DISK_FILE_UNKNOWN', 'HOST_RESOURCE_UNKNOWN', 'PARENT_NOT_CONTROLLER'],
  'no_disk_in_ref.ovf': ['DISK_CAPACITY_MISSING', 'DISK_FILE_UNKNOWN'],
  // things there may be one of only
  'gaetanoan-ovf-toolkit--Ovf5VS.ovf': ['CONTENT_MULTIPLE', 'INSTANCE_ID_DUPLICATE'],
  'Neg-invalid_ref_dup_id.ovf': ['FILE_ID_DUPLICATE'],
  'Neg-fileelements_samefile.ovf': ['FILE_HREF_DUPLICATE'],
  'Neg-dup_diskid.ovf': ['DISK_ID_DUPLICATE'],
  'Neg-prop_dup_keys.ovf': ['PROPERTY_KEY_DUPLICATE'],
  'Neg-dup_prodsec.ovf': ['PRODUCT_DUPLICATE'],
  'Neg-dup_instanceid.ovf': ['INSTANCE_ID_DUPLICATE'],
  'Neg-twomax_rangemarker.ovf': ['BOUND_DUPLICATE'],
  'badTwoDisks.ovf': ['DISK_ID_DUPLICATE', 'NUMBER_INVALID'],
  // what is missing
  'vmware-govmomi--empty.ovf': ['CONTENT_MISSING'],
  'empty.ovf': ['SYSTEM_ID_MISSING'],
  'Neg-content_withnovm.ovf': ['CONTENT_MISSING', 'SECTION_UNKNOWN_REQUIRED'],
  'ourOVF.ovf': ['CONTENT_MISSING', 'OPTIONS_INFO_MISSING'],
  'Awingu-open-ovf--someOVF.ovf': ['OPTIONS_INFO_MISSING', 'PRODUCT_DUPLICATE', 'PROPERTY_KEY_DUPLICATE'],
  'Neg-no_capacity.ovf': ['DISK_CAPACITY_MISSING'],
  'ganeti.ovf': ['DISK_CAPACITY_MISSING'],
  'wrong_manifest.ovf': ['DISK_CAPACITY_MISSING'],
  // numbers and units
  'gaetanoan-ovf-toolkit--renderer-test.xml': ['DISK_PARENT_UNKNOWN', 'MEMORY_QUANTITY_MISSING', 'UNIT_INVALID'],
  'goodNoOvfPrefix.ovf': ['INSTANCE_ID_DUPLICATE', 'NUMBER_INVALID'],
  'coreos-coreos-assembler--powervs-template.xml': ['NUMBER_INVALID', 'SYSTEM_ID_MISSING'],
  'flatcar-scripts--template_vmware.ovf': ['MEMORY_QUANTITY_MISSING', 'NUMBER_INVALID'],
  'vmware-govmomi--invalid-property-key.ovf': ['MEMORY_UNIT_MISSING'],
  'vmware-govmomi--out-of-bounds-disk.ovf': ['NUMBER_OUT_OF_RANGE'],
  'vmware-govmomi--negative-out-of-bound-disk.ovf': ['NUMBER_OUT_OF_RANGE'],
  'Neg-invalid_neg_chunk.ovf': ['NUMBER_INVALID'],
  'Neg-popsize_gt_capacity.ovf': ['DISK_POPULATED_EXCEEDS_CAPACITY'],
  // what nobody knows
  'badUnknownController.ovf': ['NUMBER_INVALID', 'RESOURCE_TYPE_UNKNOWN'],
  'vmware-govmomi--unsupportedSection.ovf': ['SECTION_UNKNOWN_REQUIRED'],
  'Neg-child_uitem_req_true.ovf': ['ELEMENT_UNKNOWN_REQUIRED'],
  'Neg-prop_invalid_type.ovf': ['PROPERTY_TYPE_UNKNOWN'],
  'Neg-section_compatibility.ovf': ['PREFIX_UNDECLARED'],
  'Pos-item_msgid.ovf': ['PREFIX_UNDECLARED'],
  // manifests, certificates, archives, disks
  'wrong_manifest.mf': ['DIGEST_MISMATCH'],
  'ourOVF.cert': ['CERTIFICATE_EXPIRED', 'CHAIN_UNTRUSTED', 'DIGEST_WEAK', 'KEY_WEAK'],
  'ourOVF.ova': [
    'CERTIFICATE_INVALID',
    'COMPRESSION_INVALID',
    'CONTENT_MISSING',
    'DIGEST_MISMATCH',
    'OPTIONS_INFO_MISSING',
    'SECTION_UNKNOWN_REQUIRED',
    'SIZE_MISMATCH',
  ],
  'ova.ova': ['DISK_CAPACITY_MISSING', 'OVA_COMPRESSED'],
  'no_ovf.ova': ['DESCRIPTOR_MISSING', 'OVA_COMPRESSED'],
  'wrong_ova.ova': ['TAR_INVALID'],
  'openstack-glance--testserver.ova': ['DISK_DAMAGED'],
  'openstack-glance--testserver-no-ovf.ova': ['DESCRIPTOR_MISSING'],
  'openstack-glance--testserver-bad-ovf.ova': ['XML_INVALID'],
  'badMultipleDataFields.vmdk': ['VMDK_INVALID'],
};

/** Faults that INDEX.md names and that do not stop an import: they are told, as no error. */
const told: Readonly<Record<string, string>> = {
  'openstack-glance--testserver.ova': 'SECTION_MISPLACED',
  'input.mf': 'MANIFEST_FILE_MISSING',
  'harvester-vm-import-controller--test.ova': 'MEMBER_ORDER',
  'vmware-govmomi--nostalgia-missing-element-name.ovf': 'ITEM_NAME_MISSING',
  'vmware-govmomi--invalid-property-key.ovf': 'PROPERTY_KEY_INVALID',
  'vmware-govmomi--deployment-configs.ovf': 'INFO_MISSING',
  'vmware-govmomi--external.ovf': 'SECTION_UNKNOWN',
  'Pos-valid_vmdk_neg_size.ovf': 'NUMBER_NEGATIVE',
  'xenserver-xenadmin--sample_app.ovf': 'ENCODING_FALSE',
  'vmware-govmomi--complete_vs_11.ovf': 'SECTION_VENDOR_REQUIRED',
  'empty.ovf': 'INFO_MISSING',
  'oVirt-ovirt-engine--vmOvfData.xml': 'DIALECT',
};

/** Where INDEX.md judges a part alone, or what VMware takes; what we say of the whole, and why. */
const stricter: Readonly<Record<string, string>> = {
  'ourOVF.cert': 'INDEX.md judges the layout; the certificate itself is self-signed and long expired',
};

test('all 119 rows are read, and no name is listed below that INDEX.md does not have', () => {
  expect(rows).toHaveLength(119);
  const names = new Set(rows.map(({ name }) => basename(name)));
  expect(names.size).toBe(rows.length);
  for (const name of [errors, told, stricter].flatMap(Object.keys)) expect(names).toContain(name);
});

const isBroken = ({ verdict }: Row): boolean =>
  /broken|hostile|must be refused/.test(verdict) && !verdict.includes('importable');
const isImportable = ({ name, verdict }: Row): boolean =>
  /^(?:valid|usable|accepted)|usable if|importable/.test(verdict) && stricter[basename(name)] === undefined;

test('what INDEX.md calls broken is listed with its errors', () => {
  const broken = rows.filter(isBroken).map(({ name }) => basename(name));
  expect(broken.length).toBeGreaterThan(40);
  expect(broken.filter((name) => errors[name] === undefined)).toEqual([]);
});

test.each(rows)('$name: $verdict', async ({ name }) => {
  const { errors: wrong, all } = await judge(name);
  expect(wrong).toEqual(errors[basename(name)] ?? []);
  const named = told[basename(name)];
  if (named !== undefined) expect(all).toContain(named);
});

test.each(rows.filter(isImportable))('$name is imported, if need be in lax mode', async ({ name }) => {
  expect((await judge(name, 'lax')).errors).toEqual([]);
});
