import {
  type Descriptor,
  type DescriptorEdit,
  type HardwareItem,
  systemsOf,
  type VirtualSystem,
} from '@ovfkit/package-format';
import { CliError } from '../errors.ts';
import type { Change } from './change.ts';

/**
 * The newest hardware version each release takes. vSphere's are those of the enumeration `Hardware.Version` in Broadcom's vSphere Automation API
 * (developer.broadcom.com, "first supported in"), 22 that of the release notes of ESX 9.0; those of Workstation and Fusion are in VMware's
 * knowledge base, article 1003746. A version that only Workstation brought (12, 16) is taken by the next vSphere as well.
 */
const newest: Readonly<Record<string, number>> = {
  'vsphere-5.5': 10,
  'vsphere-6.0': 11,
  'vsphere-6.5': 13,
  'vsphere-6.7': 14,
  'vsphere-6.7u2': 15,
  'vsphere-7.0': 17,
  'vsphere-7.0u1': 18,
  'vsphere-7.0u2': 19,
  'vsphere-8.0': 20,
  'vsphere-8.0u2': 21,
  'vsphere-9.0': 22,
  'workstation-15': 16,
  'workstation-16': 18,
  'workstation-16.2': 19,
  'workstation-17': 20,
  'workstation-17.5': 21,
  'fusion-11': 16,
  'fusion-12': 18,
  'fusion-12.2': 19,
  'fusion-13': 20,
  'fusion-13.5': 21,
};

/** What a package is to be made fit for. */
export const hardwareTargets: readonly string[] = Object.keys(newest);

/** What a package of another hypervisor gets: every release in use takes it. */
const common = 13;

/** `vmx-13` gives 13; what is none of these gives NaN. */
export const versionOf = (text: string): number => Number(/^vmx-0*([0-9]+)$/i.exec(text.trim())?.[1] ?? Number.NaN);

/** @throws CliError for a version that is none */
export function checkHardwareVersion(text: string): string {
  if (Number.isFinite(versionOf(text))) return text.trim().toLowerCase();
  throw new CliError('usage', `${JSON.stringify(text)} is no hardware version`, {
    hint: 'They are called vmx-13, vmx-19 and so on.',
  });
}

const padded = (version: number): string => `vmx-${String(version).padStart(2, '0')}`;

/** The version a system should have; undefined when the one it has will do. */
function wantedVersion({ hardware }: VirtualSystem, { version, target }: Wanted): string | undefined {
  const has = hardware[0]?.system?.virtualSystemType ?? '';
  const versions = has
    .split(/[\s,]+/)
    .map(versionOf)
    .filter(Number.isFinite);
  if (version !== undefined) return has.trim() === version ? undefined : version;
  const limit = newest[target ?? ''] ?? common;
  if (versions.some((each) => each <= limit)) return undefined; // one of several is enough
  return padded(versions.length === 0 ? Math.min(common, limit) : limit);
}

/** Either a version, or a release that has to take the package. */
export interface Wanted {
  readonly version?: string | undefined;
  readonly target?: string | undefined;
}

const isPlain = ({ configurations, bound }: HardwareItem): boolean =>
  configurations.length === 0 && (bound === undefined || bound === 'normal');

/** Devices of other hypervisors: what vSphere calls them, or that it has none. */
function deviceChange(item: HardwareItem): 'vmware.sata.ahci' | 'VmxNet3' | 'remove' | undefined {
  const kind = item.resourceSubType ?? '';
  if (item.resourceType === 20 && /^ahci$/i.test(kind)) return 'vmware.sata.ahci';
  if (item.resourceType === 10 && /^virtio/i.test(kind)) return 'VmxNet3';
  return item.resourceType === 35 ? 'remove' : undefined;
}

interface Proposal {
  readonly edits: readonly DescriptorEdit[];
  readonly changes: readonly Change[];
}

function deviceProposals({ id, hardware }: VirtualSystem): readonly Proposal[] {
  return (hardware[0]?.items ?? []).filter(isPlain).flatMap((item): readonly Proposal[] => {
    const change = deviceChange(item);
    const { instanceId, elementName = `Item ${item.instanceId}`, resourceSubType } = item;
    if (change === undefined) return [];
    if (change === 'remove')
      return [
        {
          edits: [{ type: 'removeItem', instanceId, system: id }],
          changes: [{ code: 'DEVICE_REMOVED', message: `${id}: ${elementName} is a device vSphere does not take` }],
        },
      ];
    const message = `${id}: ${elementName} is ${change}, not ${resourceSubType}`;
    return [
      {
        edits: [{ type: 'setItem', instanceId, values: { resourceSubType: change }, system: id }],
        changes: [{ code: 'DEVICE_RENAMED', message }],
      },
    ];
  });
}

/** What has to change for a release, or a hardware version. */
export function hardwareProposals(descriptor: Descriptor, wanted: Wanted): readonly Proposal[] {
  if (wanted.version === undefined && wanted.target === undefined) return [];
  return systemsOf(descriptor.content)
    .filter(({ hardware }) => hardware.length > 0)
    .flatMap((system) => {
      const version = wantedVersion(system, wanted);
      const has = system.hardware[0]?.system?.virtualSystemType ?? 'none';
      const isForeign = !/vmx-/i.test(has);
      const message = `${system.id}: hardware version ${version}, not ${has}`;
      const change: readonly Proposal[] =
        version === undefined
          ? []
          : [
              {
                edits: [{ type: 'setHardwareVersion', version, system: system.id }],
                changes: [{ code: 'HARDWARE_VERSION', message }],
              },
            ];
      return [...change, ...(isForeign ? deviceProposals(system) : [])];
    });
}
