import { isIP } from 'node:net';
import { z } from 'zod';

/** `HOST:PORT`, as `{ host, port }`; an IPv6 address stands in brackets. */
export const Listen = z.string().transform((text, context) => {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host !== undefined && port <= 65_535 && (bracketed === undefined || isIP(bracketed) === 6)) return { host, port };
  context.addIssue({ code: 'custom', message: `"${text}" is not HOST:PORT, such as 127.0.0.1:8443 or [::1]:8443` });
  return z.NEVER;
});

interface Measure {
  readonly pattern: RegExp;
  readonly units: ReadonlyMap<string, number>;
  readonly message: string;
}

/** A whole number of units above zero, in the smallest one. */
const measured = ({ pattern, units, message }: Measure) =>
  z.union([z.string(), z.int()], message).transform((given, context) => {
    const [, count, unit = ''] = pattern.exec(String(given)) ?? [];
    const value = Number(count) * (units.get(unit) ?? 0);
    if (value > 0 && Number.isSafeInteger(value)) return value;
    context.addIssue({ code: 'custom', message: `"${given}" ${message}` });
    return z.NEVER;
  });

const times = new Map([
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
]);
const sizes = new Map([
  ['', 1],
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
  ['GiB', 1024 ** 3],
  ['TiB', 1024 ** 4],
]);

/** `90s`, `5m`, `1h`, as milliseconds. */
export const Duration = measured({
  pattern: /^(\d{1,9})([smh])$/,
  units: times,
  message: 'is not a time such as 90s, 5m or 1h',
});

/** `16MiB`, `1GiB`, or bytes. */
export const Size = measured({
  pattern: /^(\d{1,15})((?:[KMGT]iB)?)$/,
  units: sizes,
  message: 'is not a size such as 512KiB, 16MiB or 1GiB',
});

/** A number of things. */
export const Count = measured({
  pattern: /^(\d{1,9})()$/,
  units: new Map([['', 1]]),
  message: 'is not a whole number above 0',
});

/** `value`, or `none`, which is told apart by being infinite: every comparison with it comes out right. */
export const orNone = <Value extends z.ZodType<number>>(value: Value) =>
  z.union([z.literal('none').transform(() => Number.POSITIVE_INFINITY), value]);

/** `10.0.0.0/8`, `fd00::/8`, or a single address. */
export const Network = z.string().refine((text) => {
  const [address = '', bits, ...rest] = text.split('/');
  const longest = isIP(address) === 6 ? 128 : 32;
  return (
    isIP(address) !== 0 &&
    rest.length === 0 &&
    (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= longest))
  );
}, 'is not a network such as 10.0.0.0/8 or fd00::/8');
