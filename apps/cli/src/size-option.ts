import { CliError } from './errors.ts';

const powers: Readonly<Record<string, number>> = { '': 0, k: 1, m: 2, g: 3, t: 4 };

/** `64MiB`, `2G`, `1048576` as bytes; units are powers of 1024. @throws CliError */
export function parseSize(text: string): number {
  const [, digits, unit = ''] = /^([0-9]+(?:\.[0-9]+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim()) ?? [];
  const size = Number(digits ?? Number.NaN) * 1024 ** (powers[unit.toLowerCase()] ?? 0);
  if (Number.isSafeInteger(size) && size > 0) return size;
  throw new CliError('usage', `${JSON.stringify(text)} is not a size`, {
    hint: 'Give bytes, or a unit: 512MiB, 2GiB.',
  });
}
