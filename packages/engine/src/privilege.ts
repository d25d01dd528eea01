import { findParams, type ImportCreateSpec, type OvfParams, type Privilege, SessionError } from '@ovfkit/domain';
import { type Descriptor, isDiskItem, systemsOf } from '@ovfkit/package-format';
import type { Principal } from './core.ts';
import { allSections, meaningsOf } from './parameters/section.ts';

/** @throws SessionError UNAUTHORIZED naming every privilege that the caller lacks */
export function requirePrivileges({ privileges }: Principal, needed: readonly Privilege[]): void {
  const lacking = privileges === undefined ? [] : needed.filter((each) => !privileges.has(each));
  if (lacking.length > 0) throw new SessionError('UNAUTHORIZED', `This needs ${lacking.join(' and ')}.`);
}

/** What a source needs beside the target: a server that connects to where it is told can be misused. */
export const sourcePrivileges = ({ sourceType }: ImportCreateSpec): readonly Privilege[] =>
  sourceType === 'PULL_SOURCE' ? ['VApp.PullFromUrls'] : [];

/** What a package and the parameters given for it need (contract, section 3.3). */
export function packagePrivileges(descriptor: Descriptor, given: readonly OvfParams[]): readonly Privilege[] {
  const hardware = systemsOf(descriptor.content).flatMap((system) => system.hardware);
  const networks = findParams(given, 'NetworkMappingParams')?.sourceNetworks ?? [];
  const { targetDatastore, diskGroups = [] } = findParams(given, 'DatastoreMappingParams') ?? {};
  const { extraConfigs = [] } = findParams(given, 'ExtraConfigParams') ?? {};
  const needs: readonly (readonly [Privilege, boolean])[] = [
    ['VirtualMachine.Config.AddNewDisk', hardware.some(({ items }) => items.some(isDiskItem))],
    [
      'VirtualMachine.Config.AdvancedConfig',
      extraConfigs.length > 0 || hardware.some(({ extraConfig }) => extraConfig.length > 0),
    ],
    ['Extension.Register', meaningsOf(allSections(descriptor), 'ServiceDependency').length > 0],
    ['Network.Assign', networks.some(({ target }) => target !== undefined)],
    [
      'Datastore.AllocateSpace',
      [{ targetDatastore }, ...diskGroups].some((each) => each.targetDatastore !== undefined),
    ],
  ];
  return needs.flatMap(([privilege, isNeeded]) => (isNeeded ? [privilege] : []));
}
