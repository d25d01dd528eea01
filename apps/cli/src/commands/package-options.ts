import { Option } from '@commander-js/extra-typings';

/** Algorithms by the numbers people type. */
const algorithms = { '1': 'SHA1', '256': 'SHA256', '384': 'SHA384', '512': 'SHA512' } as const;

/** `--sha 256` */
export const shaOption = () =>
  new Option('--sha <bits>', 'digests of the manifest').choices(['1', '256', '384', '512']);

/** The algorithm of a value that {@link shaOption} let pass. */
export function algorithmOf(bits: keyof typeof algorithms | undefined) {
  return bits === undefined ? undefined : algorithms[bits];
}
