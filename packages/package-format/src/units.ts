// Programmatic units (DSP0004 annex C), the part OVF uses: `byte`, `byte * 2^30`, `byte*2 ^ 30`, `hertz * 10^6`, `byte * 1024`.
// Historic spellings: `MegaBytes`, `GigaBytes`, `KB`, `MegaHertz`, `MHz`.

/** A number of `base`s: `byte * 2^20` is `{ base: 'byte', factor: 1048576 }`. */
export interface Unit {
  readonly base: string;
  readonly factor: number;
}

const prefixes: readonly (readonly [string, string, number])[] = [
  ['kilo', 'k', 1],
  ['mega', 'm', 2],
  ['giga', 'g', 3],
  ['tera', 't', 4],
];

/** In OVF the SI-looking names of bytes have always meant powers of two, those of hertz powers of ten. */
function historicUnit(text: string): Unit | undefined {
  const plain = text.toLowerCase().replaceAll(/[\s_]/g, '');
  if (/^bytes?$/.test(plain)) return { base: 'byte', factor: 1 };
  if (/^(?:hertz|hz)$/.test(plain)) return { base: 'hertz', factor: 1 };
  for (const [long, short, power] of prefixes) {
    if ([`${long}bytes`, `${long}byte`, `${short}b`, `${short}ib`, `${long.slice(0, 2)}bibytes`].includes(plain))
      return { base: 'byte', factor: 1024 ** power };
    if ([`${long}hertz`, `${short}hz`].includes(plain)) return { base: 'hertz', factor: 1000 ** power };
  }
  return undefined;
}

function readFactor(text: string): number {
  const [, base, exponent] = /^([0-9]+)(?:\^([+-]?[0-9]+))?$/.exec(text) ?? [];
  if (base === undefined) return Number.NaN;
  return exponent === undefined ? Number(base) : Number(base) ** Number(exponent);
}

/** Reads a unit, programmatic or historic; undefined when it is neither or its factor is not a whole safe number. */
export function readUnit(text: string): Unit | undefined {
  const historic = historicUnit(text);
  if (historic !== undefined) return historic;
  const [name, ...factors] = text.replaceAll(/\s/g, '').split('*');
  if (name === undefined || !/^[A-Za-z]+$/.test(name)) return undefined;
  const factor = factors.map(readFactor).reduce((product, next) => product * next, 1);
  const base = name.toLowerCase().replace(/^bytes$/, 'byte');
  return Number.isSafeInteger(factor) && factor > 0 ? { base, factor } : undefined;
}

/** A whole number from 0 to 2^53-1 in decimal digits; undefined for anything else, never rounded. */
export function readWhole(text: string): number | undefined {
  const plain = text.trim();
  const value = Number(plain);
  return /^\+?[0-9]+$/.test(plain) && Number.isSafeInteger(value) ? value : undefined;
}

/** `quantity` units in bytes; undefined when the unit is no number of bytes or the product is not exact. */
export function toBytes(quantity: number, unitText: string): number | undefined {
  const unit = readUnit(unitText);
  const size = unit?.base === 'byte' ? quantity * unit.factor : Number.NaN;
  return Number.isSafeInteger(size) ? size : undefined;
}
