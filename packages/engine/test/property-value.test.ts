import { describe, expect, test } from 'vitest';
import { propertyValueProblem } from '../src/parameters/property-value.ts';

const problem = (type: string, value: string, qualifiers = '') => propertyValueProblem({ type, qualifiers }, value);

describe('values that are right', () => {
  const right: readonly (readonly [string, string, string?])[] = [
    ['string', 'anything at all'],
    ['string', ''],
    ['uint8', '255'],
    ['sint8', '-128'],
    ['uint64', '18446744073709551615'],
    ['sint64', '-9223372036854775808'],
    ['int', '-1'],
    ['boolean', 'True'],
    ['real32', '-1.5e3'],
    ['char16', 'x'],
    ['ip', '192.168.0.1'],
    ['ip', 'fe80::1'],
    ['ip:VM Network', '10.0.0.1'],
    ['int(0..9)', '9'],
    ['int(..9)', '-5'],
    ['string(2..4)', 'abc'],
    ['password(8..)', 'long enough'],
    ['string["a","b c"]', 'b c'],
    ['uint16', '', 'MinValue(1)'],
    ['string', 'abcd', 'MinLen(4) MaxLen(4)'],
    ['string', 'two', 'ValueMap{"one","two"}'],
    ['string', 'two', 'MaxLen(9),ValueMap("one", "two")'],
  ];
  for (const [type, value, qualifiers] of right)
    test(`${JSON.stringify(value)} is a ${type} ${qualifiers ?? ''}`, () => {
      expect(problem(type, value, qualifiers)).toBeUndefined();
    });
});

describe('values that are wrong', () => {
  const wrong: readonly (readonly [string, string, string?])[] = [
    ['uint8', '256'],
    ['uint8', '-1'],
    ['sint8', '128'],
    ['uint64', '18446744073709551616'],
    ['uint16', '80.5'],
    ['uint16', 'seventy'],
    ['boolean', 'yes'],
    ['real64', 'one'],
    ['real64', '1e'],
    ['char16', 'xy'],
    ['ip', '256.1.1.1'],
    ['ip', 'host.example'],
    ['int(0..9)', '10'],
    ['string(2..4)', 'a'],
    ['password(8..)', 'short'],
    ['string["a","b"]', 'c'],
    ['string', '', 'MinLen(1)'],
    ['string', 'abcde', 'MaxLen(4)'],
    ['uint16', '0', 'MinValue(1)'],
    ['uint16', '10', 'MaxValue(9)'],
    ['string', 'three', 'ValueMap{"one","two"}'],
  ];
  for (const [type, value, qualifiers] of wrong)
    test(`${JSON.stringify(value)} is no ${type} ${qualifiers ?? ''}`, () => {
      expect(problem(type, value, qualifiers)).toMatch(/^is /);
    });
});
