// Programmatic units (DSP0004 annex C): `byte`, `byte * 2^30`, `byte*2 ^ 30`, `hertz * 10^6`, `byte * 1024`, `byte / second * 10^6`.
// Historic spellings: `MegaBytes`, `GigaBytes`, `KB`, `MegaHertz`, `MHz`.

/**
 * A number of `base`s: `byte * 2^20` is `{ base: 'byte', factor: 1048576 }`. A base of several units is written without
 * spaces around its operators: `byte/second`.
 */
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
    if (
      [
        `${long}bytes`,
        `${long}byte`,
        `${short}b`,
        `${short}ib`,
        `${short}bytes`,
        `${long.slice(0, 2)}bibytes`,
      ].includes(plain)
    )
      return { base: 'byte', factor: 1024 ** power };
    if ([`${long}hertz`, `${short}hz`].includes(plain)) return { base: 'hertz', factor: 1000 ** power };
  }
  return undefined;
}

const number = /^([+-]?[0-9]+(?:\.[0-9]+)?)$/;
const power = /^([0-9]+)\s*\^\s*([+-]?[0-9]+)$/;
/** Some have spaces in them, so they are not told apart by form; `bytes` is no base unit, and common. */
const baseUnits: ReadonlySet<string> = new Set(
  `bit byte bytes count percent permille decibel revolution degree radian steradian dot pixel flop meter inch foot yard
  mile liter are gram ounce pound second minute hour day week hertz ampere coulomb volt farad ohm siemens weber tesla
  henry kelvin mole candela lumen nit lux becquerel gray sievert katal pascal bar newton joule watt process packet frame
  message request`
    .split(/\s+/)
    .concat('fluid ounce', 'liquid gallon', 'degree celsius', 'degree fahrenheit', 'british thermal unit')
    .concat('volt ampere', 'volt ampere reactive', 'rack unit'),
);

function readFactor(text: string): number {
  const [, base, exponent] = power.exec(text) ?? [];
  if (base !== undefined) return Number(base) ** Number(exponent);
  return number.test(text) ? Number(text) : Number.NaN;
}

interface Term {
  readonly operator: string;
  readonly text: string;
}

/** `byte / second * 10^6` in its terms, the first one multiplied by. */
function termsOf(text: string): readonly Term[] {
  const [first = '', ...rest] = text.split(/([*/])/).map((part) => part.trim());
  const terms: Term[] = [{ operator: '*', text: first }];
  for (let at = 0; at < rest.length; at += 2) terms.push({ operator: rest[at] ?? '', text: rest[at + 1] ?? '' });
  return terms;
}

/**
 * Reads a unit, programmatic or historic; undefined when it is neither or its factor is not a whole safe number. Base
 * units come first, numbers after them, as the grammar has it.
 */
export function readUnit(text: string): Unit | undefined {
  // the grammar's units are short
  if (text.length > 256) return undefined;
  const historic = historicUnit(text);
  if (historic !== undefined) return historic;
  const terms = termsOf(text.toLowerCase().replaceAll(/\s+/g, ' '));
  const isUnit = ({ text: term }: Term) => baseUnits.has(term);
  const firstNumber = terms.findIndex((term) => !isUnit(term));
  const units = firstNumber < 0 ? terms : terms.slice(0, firstNumber);
  const factor = terms.slice(units.length).reduce((product, { operator, text: term }) => {
    return operator === '/' ? product / readFactor(term) : product * readFactor(term);
  }, 1);
  if (units.length === 0 || !Number.isSafeInteger(factor) || factor <= 0) return undefined;
  const names = units.map((term, at) => `${at === 0 ? '' : term.operator}${term.text.replace(/^bytes$/, 'byte')}`);
  return { base: names.join(''), factor };
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
