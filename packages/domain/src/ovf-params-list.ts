import { z } from 'zod';
import {
  CertificateParams,
  DatastoreMappingParams,
  DeploymentOptionParams,
  EulaParams,
  ExtraConfigParams,
  IpAllocationParams,
  NameAndProductParams,
  NetworkMappingParams,
  PropertyParams,
  ScaleOutParams,
  SizeParams,
  StorageMappingParams,
  UnknownSectionParams,
  VcenterExtensionParams,
  VcenterGuestCustomizationParams,
  VServiceParams,
} from './ovf-params.ts';
import { dynamicSchemas } from './structure.ts';

/** Every parameter structure of section 9 of the contract. */
export const ovfParamsStructures = [
  DeploymentOptionParams,
  ExtraConfigParams,
  IpAllocationParams,
  PropertyParams,
  ScaleOutParams,
  SizeParams,
  UnknownSectionParams,
  VcenterExtensionParams,
  CertificateParams,
  NameAndProductParams,
  EulaParams,
  NetworkMappingParams,
  DatastoreMappingParams,
  StorageMappingParams,
  VServiceParams,
  VcenterGuestCustomizationParams,
] as const;

/** A parameter structure of a newer server: kept as it came. */
export const UnknownOvfParams = z.looseObject({ type: z.exactOptional(z.string()) });

export const OvfParams = z.union([...ovfParamsStructures, UnknownOvfParams]);
export type OvfParams = z.infer<typeof OvfParams>;
dynamicSchemas.set(OvfParams, ovfParamsStructures);

/** A list of parameters; its order has no meaning. */
export const OvfParamsList = z.array(OvfParams);

const KnownOvfParams = z.union(ovfParamsStructures);
export type KnownOvfParams = z.infer<typeof KnownOvfParams>;

/** The parameters of one kind in a list, or nothing. With several of a kind the last one counts. */
export function findParams<Type extends KnownOvfParams['type']>(
  params: readonly OvfParams[],
  type: Type,
): Extract<KnownOvfParams, { type: Type }> | undefined {
  const known = KnownOvfParams.safeParse(params.findLast((each) => each.type === type));
  // the one cast: comparing `type` does not narrow a union by a type parameter
  return known.success ? (known.data as Extract<KnownOvfParams, { type: Type }>) : undefined;
}
