import { type SessionBackend, SessionError } from '@ovfkit/domain';
import { type Descriptor, systemsOf, type VirtualSystem } from '@ovfkit/package-format';
import { CliError } from '../errors.ts';
import type { ChosenPlacement } from '../import/placement.ts';
import { versionOf } from '../repair/hardware-target.ts';
import type { Connection } from '../target/connection.ts';

/** What is asked of a target. */
interface HardwareTarget {
  readonly backend: {
    readonly features: Pick<SessionBackend['features'], 'hardwareVersions'>;
    readonly inventory: Pick<SessionBackend['inventory'], 'hardwareVersion'>;
  };
  /** Knows what the REST API of a vCenter does not tell. */
  readonly vim: Connection['vim'];
}

interface Question {
  /** Of the package; nothing is known of one that is not read here. */
  readonly descriptor: Descriptor | undefined;
  readonly placement: ChosenPlacement;
  readonly signal: AbortSignal;
}

/** `vmx-13 vmx-19`: any of them will do. */
const versionsOf = ({ hardware }: VirtualSystem): readonly string[] =>
  (hardware[0]?.system?.virtualSystemType ?? '').split(/[\s,]+/).filter((version) => version !== '');

/**
 * Whether the hosts of the pool make machines with the virtual hardware that the package asks for. Resolves to what there is to tell;
 * nothing where nobody knows.
 * @throws CliError when one of its systems needs hardware they do not have
 */
export async function checkHardware(
  target: HardwareTarget,
  { descriptor, placement, signal }: Question,
): Promise<string | undefined> {
  if (descriptor === undefined) return undefined;
  const hardwareVersion = await versionsAt(target);
  if (hardwareVersion === undefined) return undefined;
  const { resourcePool, host } = placement;
  const filter = { resourcePools: [resourcePool.id], ...(host === undefined ? {} : { hosts: [host.id] }) };
  const offered = (await hardwareVersion.list(filter, { signal })).map(({ version }) => version);
  const systems = systemsOf(descriptor.content).map((system) => ({ id: system.id, wanted: versionsOf(system) }));
  const asked = [...new Set(systems.flatMap(({ wanted }) => wanted))].join(', ');
  if (offered.length === 0) return `${asked || 'any'}; the target takes any hardware`;
  const refused = systems.filter(({ wanted }) => wanted.length > 0 && !wanted.some((each) => offered.includes(each)));
  if (refused.length === 0) return asked || 'none asked for';
  throw new CliError('targetRefused', 'The target does not have the virtual hardware of the package', {
    details: [
      ...refused.map(({ id, wanted }) => `${id} asks for ${wanted.join(' or ')}`),
      `${placement.resourcePool.name} has ${offered.join(', ')}`,
    ],
    hint: `ovfkit repair PACKAGE -o FIT.ova --hardware ${helpingVersion(offered, refused)} writes one that asks for that.`,
  });
}

/** The newest that is there and no newer than what any of the systems asks for; the oldest there where all are newer. */
function helpingVersion(
  offered: readonly string[],
  refused: readonly { readonly wanted: readonly string[] }[],
): string | undefined {
  const newestOf = (wanted: readonly string[]): number =>
    Math.max(...wanted.map(versionOf).map((version) => (Number.isNaN(version) ? Number.POSITIVE_INFINITY : version)));
  const limit = Math.min(...refused.map(({ wanted }) => newestOf(wanted)));
  return offered.filter((version) => versionOf(version) <= limit).at(-1) ?? offered[0];
}

async function versionsAt({
  backend: { features, inventory },
  vim,
}: HardwareTarget): Promise<SessionBackend['inventory']['hardwareVersion'] | undefined> {
  if (features.hardwareVersions) return inventory.hardwareVersion;
  const client = await vim();
  if (client === undefined) return undefined;
  const { createInventoryServices } = await import('@ovfkit/vsphere');
  return createInventoryServices(client).hardwareVersion;
}

/** @throws SessionError UNSUPPORTED where templates cannot be made */
export function requireTemplates({ features }: SessionBackend): void {
  if (features.templates) return;
  throw new SessionError('UNSUPPORTED', 'The target makes no templates by this way.');
}
