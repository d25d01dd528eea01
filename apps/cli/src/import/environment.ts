import { findParams, type OvfParams } from '@ovfkit/domain';
import { writeEnvironment } from '@ovfkit/package-format';
import { CliError } from '../errors.ts';
import type { Choices } from './choices.ts';
import { fullKey } from './properties.ts';

/** Where guests look for their environment when no vCenter gives it to them. */
const environmentKey = 'guestinfo.ovfEnv';

/**
 * The environment of the guest as extra configuration, with the properties as they are chosen; nothing unless it is asked for.
 * @throws CliError for a package of several machines, whose environments differ
 */
export function environmentParams(
  found: readonly OvfParams[],
  { choices, properties }: { readonly choices: Choices; readonly properties: readonly OvfParams[] },
): readonly OvfParams[] {
  if (choices.environment === undefined) return [];
  const product = findParams(found, 'NameAndProductParams');
  if (product?.virtualApp)
    throw new CliError('usage', '--inject-ovf-env is for packages of one virtual machine; this one is a vApp', {
      hint: 'Leave it out: a vCenter tells the machines of a vApp itself.',
    });
  const chosen = findParams(properties, 'PropertyParams')?.properties ?? [];
  const value = writeEnvironment({
    id: choices.name ?? product?.name ?? '',
    platform: { kind: 'VMware ESXi', vendor: 'VMware, Inc.' },
    properties: chosen.map((property) => ({ key: fullKey(property), value: property.value ?? '' })),
  });
  return [{ type: 'ExtraConfigParams', extraConfigs: [{ key: environmentKey, value }] }];
}
