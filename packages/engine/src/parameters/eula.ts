import { findParams, message } from '@ovfkit/domain';
import { eulasOf } from '@ovfkit/package-format';
import type { Parameter, ParameterContext } from './parameter.ts';

/** Licences: all of them have to be accepted when there is any. */
export function eula({ descriptor, given }: ParameterContext): Parameter<undefined> {
  const eulas = eulasOf(descriptor).map(({ license }) => license);
  const input = findParams(given, 'EulaParams');
  if (eulas.length === 0) return { params: undefined, problems: [], missing: [], chosen: undefined };
  const isAccepted = input?.allEulaAccepted ?? false;
  const refusal = {
    name: 'all_EULA_accepted',
    value: String(isAccepted),
    message: message(
      'com.ovfkit.params.eula_not_accepted',
      'The license agreements of the package have to be accepted.',
    ),
  };
  return {
    params: { type: 'EulaParams', eulas, allEulaAccepted: isAccepted },
    problems: [],
    missing: isAccepted ? [] : [refusal],
    chosen: undefined,
  };
}
