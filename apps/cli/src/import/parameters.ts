import { findParams, type OvfParams, type SessionBackend } from '@ovfkit/domain';
import type { Descriptor } from '@ovfkit/package-format';
import { CliError } from '../errors.ts';
import { printable } from '../output/format.ts';
import { diskNeedsOf } from '../plan/disk-needs.ts';
import { createNotes, type Notes, throwErrors } from '../plan/notes.ts';
import { spaceProblems } from '../plan/space.ts';
import { didYouMean } from '../suggest.ts';
import type { Choices, Offers } from './choices.ts';
import { environmentParams } from './environment.ts';
import { networkParams } from './networks.ts';
import { propertyParams } from './properties.ts';
import { servicesParams } from './services.ts';
import { storageParams } from './storage.ts';

/** The chosen option. @throws CliError when the package does not have it */
function optionParams(found: readonly OvfParams[], wanted: string | undefined): readonly OvfParams[] {
  if (wanted === undefined) return [];
  const options = findParams(found, 'DeploymentOptionParams')?.deploymentOptions ?? [];
  const keys = options.map(({ key }) => key ?? '');
  if (!keys.includes(wanted))
    throw new CliError('usage', `The package has no deployment option ${JSON.stringify(wanted)}`, {
      details: options.map(({ key, label }) => `${key}  ${printable(label ?? '')}`),
      hint:
        didYouMean(wanted, keys) ??
        (keys.length === 0 ? 'Leave --deployment-option out.' : 'Choose one with --deployment-option.'),
    });
  return [{ type: 'DeploymentOptionParams', selectedKey: wanted }];
}

/**
 * The same backend, but every question about parameters names the deployment option: properties, networks and disks that
 * only this option has are offered from the first answer on.
 */
export function askingWith(backend: SessionBackend, option: string | undefined): SessionBackend {
  if (option === undefined) return backend;
  const { importSession } = backend;
  const named: OvfParams = { type: 'DeploymentOptionParams', selectedKey: option };
  return {
    ...backend,
    importSession: {
      ...importSession,
      tryInstantiate: ({ id, instantiationParameters: given }, options) => {
        const hasOption = findParams(given, 'DeploymentOptionParams') !== undefined;
        return importSession.tryInstantiate(
          { id, instantiationParameters: hasOption ? given : [...given, named] },
          options,
        );
      },
    },
  };
}

function nameParams({ name, annotation }: Choices): readonly OvfParams[] {
  if (name === undefined && annotation === undefined) return [];
  return [
    {
      type: 'NameAndProductParams',
      ...(name === undefined ? {} : { name }),
      ...(annotation === undefined ? {} : { annotation }),
    },
  ];
}

function eulaParams(found: readonly OvfParams[], { eula }: Choices): readonly OvfParams[] {
  const eulas = findParams(found, 'EulaParams')?.eulas ?? [];
  if (eulas.length === 0) return [];
  if (eula === 'accepted') return [{ type: 'EulaParams', allEulaAccepted: true }];
  const licences = eulas.length === 1 ? 'a licence' : `${eulas.length} licences`;
  throw new CliError('usage', `The package asks to accept ${licences}`, {
    details: eulas.flatMap((text) => [...printable(text).trim().split('\n'), '']),
    hint: 'Read it above; if you agree, give --accept-eula.',
  });
}

/** Doubts about the signer hold up an import until they are ignored by name. */
function signerParams(found: readonly OvfParams[], { signer }: Choices): readonly OvfParams[] {
  const params = findParams(found, 'CertificateParams');
  const warnings = params?.warnings ?? [];
  if (params === undefined || warnings.length === 0) return [];
  if (signer === 'any') return [{ ...params, warnings: warnings.map((each) => ({ ...each, ignored: true })) }];
  throw new CliError('verificationFailed', `The target does not trust the signer ${printable(params.subject ?? '')}`, {
    details: warnings.map(({ message }) => printable(message.localized ?? message.defaultMessage)),
    hint: 'If you do, give --any-signer.',
  });
}

/** What is wanted, and what there is. */
export interface Given {
  readonly choices: Choices;
  readonly offers: Offers;
  /** Of the package; nothing of one that is not read here. */
  readonly descriptor?: Descriptor | undefined;
}

/**
 * The parameters of an import: what the flags say, in terms of what the target found in the package. What does not fit, licences that are
 * not accepted and room that is not there are noted, and the rest is given all the same.
 */
export function chooseParameters(
  found: readonly OvfParams[],
  { choices, offers, descriptor, notes }: Given & { readonly notes: Notes },
): readonly OvfParams[] {
  const given = { choices, offers, notes };
  const properties = propertyParams(found, { given: choices.properties, notes });
  const chosen = [
    ...(notes.attempt('option', () => optionParams(found, choices.deploymentOption)) ?? []),
    ...nameParams(choices),
    ...properties,
    ...(notes.attempt('afterwards', () => environmentParams(found, { choices, properties, descriptor })) ?? []),
    ...networkParams(found, given),
    ...storageParams(found, given),
    ...servicesParams(found, given),
    ...(notes.attempt('licences', () => eulaParams(found, choices)) ?? []),
    ...(notes.attempt('signer', () => signerParams(found, choices)) ?? []),
  ];
  const disks = diskNeedsOf(descriptor, choices.deploymentOption);
  for (const problem of spaceProblems(found, { chosen, offers, disks })) notes.add(problem);
  return chosen;
}

/** The same for an import that is under way. @throws CliError for everything that is wrong, before anything is sent */
export function parametersFor(found: readonly OvfParams[], given: Given): readonly OvfParams[] {
  const notes = createNotes();
  const chosen = chooseParameters(found, { ...given, notes });
  throwErrors(notes);
  return chosen;
}
