import { findParams } from '@ovfkit/domain';
import type { ImportPlan } from '@ovfkit/transfer';
import type { ChosenPlacement } from '../import/placement.ts';
import { problemTexts } from '../import/problems.ts';
import { fullKey } from '../import/properties.ts';
import { formatSize, oneLine } from './format.ts';
import type { Style } from './style.ts';
import { facts, table } from './table.ts';
import { cut } from './text-width.ts';

/** Where a network of the package goes; targets by the name the target told. */
function networkRows({ parameters, validation }: ImportPlan): readonly (readonly string[])[] {
  const targets = findParams(validation.parameters, 'NetworkMappingParams')?.targetNetworks ?? [];
  const sources =
    findParams(parameters, 'NetworkMappingParams')?.sourceNetworks ??
    findParams(validation.parameters, 'NetworkMappingParams')?.sourceNetworks ??
    [];
  return sources.map(({ name, target }) => [
    name ?? '',
    `${targets.find(({ id }) => id === target)?.name ?? ''} (${target ?? '?'})`,
  ]);
}

/** Types of password properties carry the word; their values are not shown. */
function propertyRows({ validation }: ImportPlan): readonly (readonly string[])[] {
  return (findParams(validation.parameters, 'PropertyParams')?.properties ?? []).map((property) => [
    fullKey(property),
    /password/i.test(property.type ?? '') ? '(secret)' : cut(oneLine(property.value ?? ''), 60),
  ]);
}

/** What an import would do, for a person, line by line. */
export function dryRunPage(
  plan: ImportPlan,
  { placement, style }: { readonly placement: ChosenPlacement; readonly style: Style },
): readonly string[] {
  const { parameters: found, errors, warnings } = plan.validation;
  const storage = findParams(plan.parameters, 'DatastoreMappingParams');
  const size = findParams(found, 'SizeParams');
  const networks = networkRows(plan);
  const properties = propertyRows(plan);
  const sizeText = (bytes: number | undefined): string | undefined =>
    bytes === undefined || bytes < 0 ? undefined : formatSize(bytes);
  return [
    style('bold', 'The import would create:'),
    ...facts(
      [
        ['Name', findParams(found, 'NameAndProductParams')?.name],
        ['Resource pool', `${placement.resourcePool.name} (${placement.resourcePool.id})`],
        ['Folder', placement.folder === undefined ? undefined : `${placement.folder.name} (${placement.folder.id})`],
        ['Host', placement.host === undefined ? undefined : `${placement.host.name} (${placement.host.id})`],
        ['Datastore', storage?.targetDatastore],
        ['Disks', storage?.targetProvisioningType],
        ['Option', findParams(found, 'DeploymentOptionParams')?.selectedKey],
        ['To transfer', sizeText(size?.approximateDownloadSize)],
        ['On the datastore', sizeText(size?.approximateFlatDeploymentSize)],
      ],
      { style },
    ),
    ...(networks.length === 0
      ? []
      : ['', ...table([{ title: 'Network' }, { title: 'Goes to' }], { rows: networks, style })]),
    ...(properties.length === 0
      ? []
      : ['', ...table([{ title: 'Property' }, { title: 'Value' }], { rows: properties, style })]),
    ...[...errors.flatMap(problemTexts)].map((text) => `${style('red', 'error:')} ${text}`),
    ...[...warnings.flatMap(problemTexts)].map((text) => `${style('yellow', 'warning:')} ${text}`),
    '',
    'Nothing was created.',
  ];
}
