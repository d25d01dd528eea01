import { checkPropertyValue, readQualifiers } from '@ovfkit/package-format';
import { describe, expect, test } from 'vitest';

const problems = (type: string, value: string, qualifiers = '') => checkPropertyValue({ type, qualifiers }, value);

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
    ['string', 'it\'s } \\ , "so"', 'ValueMap{"x", "it\'s } \\\\ , \\"so\\""}'],
    ['uint64', '18446744073709551615', 'MinValue(18446744073709551615)'],
    ['real32', '0.5', 'MinValue(0.25) MaxValue(0.75)'],
    ['string[dhcp,static]', 'static'],
    ['uint16', '$'.concat('{other}'), 'MinValue(1)'],
    ['string', 'x', 'not ( qualifiers'],
  ];
  for (const [type, value, qualifiers] of right)
    test(`${JSON.stringify(value)} is a ${type} ${qualifiers ?? ''}`, () => {
      expect(problems(type, value, qualifiers)).toEqual([]);
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
    ['uint64', '18446744073709551614', 'MinValue(18446744073709551615)'],
    ['string[dhcp,static]', 'auto'],
    ['string', 'abcde', 'MinLen (2) , MaxLen ( 4 )'],
  ];
  for (const [type, value, qualifiers] of wrong)
    test(`${JSON.stringify(value)} is no ${type} ${qualifiers ?? ''}`, () => {
      expect(problems(type, value, qualifiers)).toEqual([expect.stringMatching(/^is /)]);
    });
});

test('every rule that a value breaks is told', () => {
  expect(problems('string', 'abcdef', 'MaxLen(3),ValueMap{"abc"}')).toEqual([
    'is longer than 3 characters',
    'is not one of abc',
  ]);
});

test('a long list is told in part', () => {
  const list = Array.from({ length: 50 }, (_, at) => `"v${at}"`).join(',');
  const [problem] = problems('string', 'x', `ValueMap{${list}}`);
  expect(problem).toMatch(/^is not one of v0, .*, v19 and 30 more$/);
});

describe("VMware's qualifiers", () => {
  const check = (vendorQualifiers: string, value: string) =>
    checkPropertyValue({ type: 'string', vendorQualifiers }, value);

  test('ask for one address, or for several', () => {
    expect(check("Ip('VM Network')", '10.0.0.1')).toEqual([]);
    expect(check('Ip("VM Network")', 'ten')).toEqual(['is not an IP address']);
    expect(check('Dns("n")', '10.0.0.1, fe80::1')).toEqual([]);
    expect(check('Dns("n")', '10.0.0.1,ns.example')).toEqual(['is not a list of IP addresses']);
    expect(check('DomainName("n")', 'example.org')).toEqual([]);
  });

  test('let a property be without a value', () => {
    expect(check('Ip("n")', '')).toEqual([]);
  });
});

describe('qualifiers', () => {
  test('are names with values in round or curly brackets', () => {
    expect(readQualifiers('MinLen(1),MaxLen(64)  Subnet ValueMap{"a, b", c,\'d\'}')).toEqual([
      { name: 'MinLen', values: ['1'] },
      { name: 'MaxLen', values: ['64'] },
      { name: 'Subnet', values: [] },
      { name: 'ValueMap', values: ['a, b', 'c', 'd'] },
    ]);
    expect(readQualifiers(' ')).toEqual([]);
  });

  test.each(['MinLen(', 'MinLen(1', '(1)', 'ValueMap{"a" "b"}', '1', 'a)b'])('%s is none', (text) => {
    expect(readQualifiers(text)).toBeUndefined();
  });

  test('of any length are read in linear time', () => {
    const start = performance.now();
    for (const part of ['"', 'ValueMap{', 'a,', "'", '\\', 'ValueMap{"']) readQualifiers(part.repeat(100_000));
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
