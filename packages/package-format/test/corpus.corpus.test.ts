import {
  type FindingCode,
  type OvfVersion,
  type PackageErrorCode,
  readDescriptor,
  readMessageBundle,
  systemsOf,
} from '@ovfkit/package-format';
import { expect, test } from 'vitest';
import { all, bytesOf } from './corpus-files.ts';
import { refusalCode } from './source.ts';

type Refused = readonly [name: string, code: PackageErrorCode];
type Read = readonly [
  name: string,
  expected: { readonly version: OvfVersion; readonly errors: readonly FindingCode[]; readonly systems: number },
];

const refused: readonly Refused[] = [
  ['canonical-cloud-init--ubuntu-server/ovf-env.xml', 'DESCRIPTOR_INVALID'],
  ['gaetanoan-ovf-toolkit--myservice/de-DE-bundle.xml', 'DESCRIPTOR_INVALID'],
  ['gaetanoan-ovf-toolkit--myservice/myservice-dbvm1-env.xml', 'DESCRIPTOR_INVALID'],
  ['gaetanoan-ovf-toolkit--myservice/myservice-webvm-env.xml', 'DESCRIPTOR_INVALID'],
  ['ganeti-ganeti--ovfdata/wrong_xml.ovf', 'XML_INVALID'],
  ['glennmatthews-cot--ersatz_ovf_3.0.ovf', 'DESCRIPTOR_NAMESPACE'],
  ['proxmox-pve-storage--XEE.ovf', 'XML_FORBIDDEN'],
  ['vmware-govmomi--SLES11_SP2_64.ovf', 'DESCRIPTOR_NAMESPACE'],
  ['vmware-govmomi--html-404.ovf', 'DESCRIPTOR_INVALID'],
  ['vmware-govmomi--ovftool-suite/Neg-invalid_env.ovf', 'DESCRIPTOR_INVALID'],
  ['vmware-govmomi--ovftool-suite/Neg-invalid_namespace.ovf', 'DESCRIPTOR_NAMESPACE'],
];

const read: readonly Read[] = [
  [
    'Awingu-open-ovf--ourOVF/ourOVF.ovf',
    { version: 'draft', errors: ['CONTENT_MISSING', 'OPTIONS_INFO_MISSING'], systems: 0 },
  ],
  [
    'Awingu-open-ovf--someOVF.ovf',
    { version: '1.0', errors: ['OPTIONS_INFO_MISSING', 'PRODUCT_DUPLICATE', 'PROPERTY_KEY_DUPLICATE'], systems: 1 },
  ],
  ['OpenXT-manager--uivm.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['canonical-cloud-init--ubuntu-server/ubuntu-server.ovf', { version: '1.0', errors: [], systems: 1 }],
  [
    'coreos-coreos-assembler--powervs-template.xml',
    { version: '1.0', errors: ['NUMBER_INVALID', 'SYSTEM_ID_MISSING'], systems: 1 },
  ],
  [
    'flatcar-scripts--template_vmware.ovf',
    { version: '1.0', errors: ['MEMORY_QUANTITY_MISSING', 'NUMBER_INVALID'], systems: 1 },
  ],
  [
    'gaetanoan-ovf-toolkit--Ovf5VS.ovf',
    { version: '1.0', errors: ['CONTENT_MULTIPLE', 'INSTANCE_ID_DUPLICATE'], systems: 1 },
  ],
  ['gaetanoan-ovf-toolkit--custom-extension.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['gaetanoan-ovf-toolkit--lamp-multi-vm.ovf', { version: '1.0', errors: [], systems: 2 }],
  ['gaetanoan-ovf-toolkit--myservice/myservice.ovf', { version: '1.0', errors: [], systems: 3 }],
  [
    'gaetanoan-ovf-toolkit--renderer-test.xml',
    { version: '1.0', errors: ['DISK_PARENT_UNKNOWN', 'MEMORY_QUANTITY_MISSING', 'UNIT_INVALID'], systems: 8 },
  ],
  ['gaetanoan-ovf-toolkit--sampleWithXtreemFSandSharedDisk.ovf', { version: '2.0', errors: [], systems: 2 }],
  ['ganeti-ganeti--ovfdata/corrupted_resources.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['ganeti-ganeti--ovfdata/empty.ovf', { version: '1.0', errors: ['SYSTEM_ID_MISSING'], systems: 1 }],
  ['ganeti-ganeti--ovfdata/ganeti.ovf', { version: '1.0', errors: ['DISK_CAPACITY_MISSING'], systems: 1 }],
  [
    'ganeti-ganeti--ovfdata/no_disk_in_ref.ovf',
    { version: '1.0', errors: ['DISK_CAPACITY_MISSING', 'DISK_FILE_UNKNOWN'], systems: 1 },
  ],
  ['ganeti-ganeti--ovfdata/wrong_manifest.ovf', { version: '1.0', errors: ['DISK_CAPACITY_MISSING'], systems: 1 }],
  ['glennmatthews-cot--input/input.ovf', { version: '1.0', errors: [], systems: 1 }],
  [
    'glennmatthews-cot--invalid.ovf',
    { version: '1.0', errors: ['DISK_FILE_UNKNOWN', 'HOST_RESOURCE_UNKNOWN', 'PARENT_NOT_CONTROLLER'], systems: 1 },
  ],
  ['glennmatthews-cot--minimal.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['glennmatthews-cot--ubuntu.2.0/ubuntu.2.0.ovf', { version: '2.0', errors: [], systems: 1 }],
  ['glennmatthews-cot--v0.9.ovf', { version: '0.9', errors: [], systems: 1 }],
  ['home-assistant-operating-system--home-assistant.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['libguestfs-virt-v2v--test-i-ova-as-root.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['libguestfs-virt-v2v--test-i-ova-gz.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['oVirt-ovirt-engine--vmOvfData.xml', { version: 'ovirt', errors: [], systems: 1 }],
  ['proxmox-pve-storage--Win10-Liz_no_default_ns.ovf', { version: '1.0', errors: [], systems: 1 }],
  [
    'vmware-archive-photon-controller--ovf/badTwoDisks.ovf',
    { version: '1.0', errors: ['DISK_ID_DUPLICATE', 'NUMBER_INVALID'], systems: 1 },
  ],
  [
    'vmware-archive-photon-controller--ovf/badUnknownController.ovf',
    { version: '1.0', errors: ['NUMBER_INVALID', 'RESOURCE_TYPE_UNKNOWN'], systems: 1 },
  ],
  [
    'vmware-archive-photon-controller--ovf/goodNoOvfPrefix.ovf',
    { version: '1.0', errors: ['INSTANCE_ID_DUPLICATE', 'NUMBER_INVALID'], systems: 1 },
  ],
  ['vmware-govmomi--OVFCerts-Nostalgia.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['vmware-govmomi--Operations-Appliance-9.1.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['vmware-govmomi--StudioVappEulaOvf.ovf', { version: '1.0', errors: [], systems: 2 }],
  ['vmware-govmomi--SugarCRM.ovf', { version: '1.0', errors: [], systems: 2 }],
  ['vmware-govmomi--aag-tbp-2-vm-vapp.ovf', { version: '1.0', errors: [], systems: 2 }],
  ['vmware-govmomi--chinese-name.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['vmware-govmomi--complete_vs_11.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['vmware-govmomi--configspec.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['vmware-govmomi--deployment-configs.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['vmware-govmomi--disk-capacity-property.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['vmware-govmomi--dvxPCIPassthrough.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['vmware-govmomi--empty.ovf', { version: '1.0', errors: ['CONTENT_MISSING'], systems: 0 }],
  ['vmware-govmomi--external.ovf', { version: '1.0', errors: [], systems: 0 }],
  ['vmware-govmomi--file-ref-path.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['vmware-govmomi--invalid-property-key.ovf', { version: '1.0', errors: ['MEMORY_UNIT_MISSING'], systems: 1 }],
  ['vmware-govmomi--negative-out-of-bound-disk.ovf', { version: '1.0', errors: ['NUMBER_OUT_OF_RANGE'], systems: 2 }],
  ['vmware-govmomi--nostalgia-chunkdisk.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['vmware-govmomi--nostalgia-missing-element-name.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['vmware-govmomi--out-of-bounds-disk.ovf', { version: '1.0', errors: ['NUMBER_OUT_OF_RANGE'], systems: 2 }],
  [
    'vmware-govmomi--ovftool-suite/Neg-child_uitem_req_true.ovf',
    { version: '1.0', errors: ['ELEMENT_UNKNOWN_REQUIRED'], systems: 1 },
  ],
  [
    'vmware-govmomi--ovftool-suite/Neg-content_withnovm.ovf',
    { version: '1.0', errors: ['CONTENT_MISSING', 'SECTION_UNKNOWN_REQUIRED'], systems: 0 },
  ],
  ['vmware-govmomi--ovftool-suite/Neg-dup_diskid.ovf', { version: '1.0', errors: ['DISK_ID_DUPLICATE'], systems: 1 }],
  [
    'vmware-govmomi--ovftool-suite/Neg-dup_instanceid.ovf',
    { version: '1.0', errors: ['INSTANCE_ID_DUPLICATE'], systems: 1 },
  ],
  ['vmware-govmomi--ovftool-suite/Neg-dup_prodsec.ovf', { version: '1.0', errors: ['PRODUCT_DUPLICATE'], systems: 1 }],
  [
    'vmware-govmomi--ovftool-suite/Neg-fileelements_samefile.ovf',
    { version: '1.0', errors: ['FILE_HREF_DUPLICATE'], systems: 1 },
  ],
  [
    'vmware-govmomi--ovftool-suite/Neg-invalid_neg_chunk.ovf',
    { version: '1.0', errors: ['NUMBER_INVALID'], systems: 1 },
  ],
  [
    'vmware-govmomi--ovftool-suite/Neg-invalid_ref_dup_id.ovf',
    { version: '1.0', errors: ['FILE_ID_DUPLICATE'], systems: 1 },
  ],
  [
    'vmware-govmomi--ovftool-suite/Neg-no_capacity.ovf',
    { version: '1.0', errors: ['DISK_CAPACITY_MISSING'], systems: 1 },
  ],
  [
    'vmware-govmomi--ovftool-suite/Neg-popsize_gt_capacity.ovf',
    { version: '1.0', errors: ['DISK_POPULATED_EXCEEDS_CAPACITY'], systems: 1 },
  ],
  [
    'vmware-govmomi--ovftool-suite/Neg-prop_dup_keys.ovf',
    { version: '1.0', errors: ['PROPERTY_KEY_DUPLICATE'], systems: 1 },
  ],
  [
    'vmware-govmomi--ovftool-suite/Neg-prop_invalid_type.ovf',
    { version: '1.0', errors: ['PROPERTY_TYPE_UNKNOWN'], systems: 1 },
  ],
  [
    'vmware-govmomi--ovftool-suite/Neg-section_compatibility.ovf',
    { version: '1.0', errors: ['PREFIX_UNDECLARED'], systems: 1 },
  ],
  [
    'vmware-govmomi--ovftool-suite/Neg-twomax_rangemarker.ovf',
    { version: '1.0', errors: ['BOUND_DUPLICATE'], systems: 1 },
  ],
  ['vmware-govmomi--ovftool-suite/Pos-item_msgid.ovf', { version: '1.0', errors: ['PREFIX_UNDECLARED'], systems: 1 }],
  ['vmware-govmomi--ovftool-suite/Pos-section_extensibility_0.9.ovf', { version: '0.9', errors: [], systems: 1 }],
  ['vmware-govmomi--ovftool-suite/Pos-valid_bound.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['vmware-govmomi--ovftool-suite/Pos-valid_vmdk_neg_size.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['vmware-govmomi--ovftool-suite/Pos-vbox10_four_networks_0.9.ovf', { version: '0.9', errors: [], systems: 1 }],
  ['vmware-govmomi--ovftool-suite/Pos-vbox5_all_storage_controllers.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['vmware-govmomi--photon5.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['vmware-govmomi--properties_filtering.ovf', { version: '1.0', errors: [], systems: 0 }],
  ['vmware-govmomi--property-types.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['vmware-govmomi--qualifiers.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['vmware-govmomi--scaleoutStartup.ovf', { version: '1.0', errors: [], systems: 0 }],
  ['vmware-govmomi--sunVHW-DiskTypes_invalidUTF.ovf', { version: '1.0', errors: [], systems: 2 }],
  ['vmware-govmomi--ttylinux-pc_i486-16.1/ttylinux-pc_i486-16.1.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['vmware-govmomi--unknownSectionsVApp.ovf', { version: '1.0', errors: [], systems: 2 }],
  ['vmware-govmomi--unsupportedSection.ovf', { version: '1.0', errors: ['SECTION_UNKNOWN_REQUIRED'], systems: 1 }],
  ['vmware-govmomi--vcloud-cfg-and-properties.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['vmware-govmomi--vcsa-6.5.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['vmware-govmomi--versionMultipleSameSection.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['vmware-govmomi--virtualsystemcollection.ovf', { version: '2.0', errors: [], systems: 2 }],
  ['vmware-govmomi--vtpm-spec-with-nvram.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['vmware-govmomi--xp_deltaDisk.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['vmware-govmomi--yVM.ovf', { version: '1.0', errors: [], systems: 1 }],
  ['xenserver-xenadmin--sample_app.ovf', { version: '1.0', errors: [], systems: 1 }],
];

test('every descriptor of the corpus has its line', () => {
  const lines = [...refused, ...read].map(([name]) => name);
  expect(lines.toSorted()).toEqual(all.filter((name) => /\.(?:ovf|xml)$/.test(name)).toSorted());
});

test.each(refused)('%s is refused as %s', async (name, code) => {
  expect(await refusalCode(() => readDescriptor(bytesOf(name), { file: name }))).toBe(code);
});

test.each(read)('%s is read as %j', (name, { version, errors, systems }) => {
  const descriptor = readDescriptor(bytesOf(name), { file: name });
  const found = descriptor.findings.filter(({ severity }) => severity === 'error').map(({ code }) => code);
  expect(descriptor.version).toBe(version);
  expect([...new Set(found)].toSorted()).toEqual(errors);
  expect(systemsOf(descriptor.content)).toHaveLength(systems);
});

test('message bundles are read with their characters', () => {
  const { locale, messages } = readMessageBundle(bytesOf('gaetanoan-ovf-toolkit--myservice/de-DE-bundle.xml'));
  expect(locale).toBe('de-DE');
  expect(messages.get('network.description')).toContain('Netzwerk');
});

test('a descriptor that lost its namespace is read in lax mode', () => {
  const { version, disks, findings } = readDescriptor(bytesOf('vmware-govmomi--SLES11_SP2_64.ovf'), { lax: true });
  expect(version).toBe('1.0');
  expect(disks.length).toBeGreaterThan(0);
  expect(findings.map(({ code }) => code)).toContain('NAMESPACE_MISSING');
});
