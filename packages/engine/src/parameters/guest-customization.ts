import { findParams, type GuestCustomization, message, type VcenterGuestCustomization } from '@ovfkit/domain';
import { PackageError, readXml, systemsOf } from '@ovfkit/package-format';
import type { Parameter, ParameterContext, Problem } from './parameter.ts';

/** By the id of the system. */
export type ChosenCustomizations = ReadonlyMap<string, GuestCustomization>;

/** What the guests are customized by. No specifications are kept here, so one has to be given in full. */
export function guestCustomization({ descriptor, given, target }: ParameterContext): Parameter<ChosenCustomizations> {
  const virtualSystems = systemsOf(descriptor.content).map(({ id }) => id);
  const input = findParams(given, 'VcenterGuestCustomizationParams')?.customizations ?? [];
  const problems: Problem[] = [];
  const chosen = new Map<string, GuestCustomization>();
  for (const { key, value } of input) {
    const fault = virtualSystems.includes(key) ? faultOf(value) : 'is for no virtual system of the package';
    if (fault === undefined) chosen.set(key, { type: 'XML', xml: value.xml ?? '' });
    else problems.push(problem(key, { value: value.specificationId ?? '', fault }));
  }
  // a probe has no target whose guests could be customized
  const params =
    target === undefined ? undefined : ({ type: 'VcenterGuestCustomizationParams', virtualSystems } as const);
  return { params, problems, missing: [], chosen };
}

function faultOf({ type, specificationId, xml }: VcenterGuestCustomization): string | undefined {
  switch (type) {
    case 'SPECIFICATION':
      if (!specificationId) return 'has no specification_id, which SPECIFICATION needs';
      return `names the specification ${specificationId}, which is not kept here: give it as XML`;
    case 'XML':
      return xml ? faultOfXml(xml) : 'has no xml, which XML needs';
    default:
      return `is of the type ${type}, not SPECIFICATION or XML`;
  }
}

function faultOfXml(xml: string): string | undefined {
  try {
    readXml(xml);
    return undefined;
  } catch (error) {
    if (error instanceof PackageError) return `cannot be read: ${error.message}`;
    throw error;
  }
}

const problem = (key: string, { value, fault }: { readonly value: string; readonly fault: string }): Problem => ({
  name: `customizations.${key}`,
  value,
  message: message('com.ovfkit.params.customization', 'The guest customization {0} {1}.', key, fault),
});
