import { describe, expect, test } from 'vitest';
import { checkCommand, collectPair, normalizeArguments } from '../src/arguments.ts';
import { CliError } from '../src/errors.ts';

describe('normalizeArguments', () => {
  test.each([
    [['--net:A=B'], ['--net', 'A=B']],
    [['--prop:k=v=w'], ['--prop', 'k=v=w']],
    [['-ds=store'], ['--datastore=store']],
    [
      ['-ds', 'store'],
      ['--datastore', 'store'],
    ],
    [['-dm=thin'], ['--disk-mode=thin']],
    [
      ['-n', 'web', 'x.ova'],
      ['-n', 'web', 'x.ova'],
    ],
    [
      ['serve', '--', '-ds=a', '--net:A=B'],
      ['serve', '--', '-ds=a', '--net:A=B'],
    ],
    [['-dsx'], ['-dsx']],
  ])('%j is read as %j', (given, expected) => {
    expect(normalizeArguments(given)).toEqual(expected);
  });
});

describe('collectPair', () => {
  test('the first = divides, what follows belongs to the value', () => {
    expect(collectPair('url=http://x/?a=b', [{ key: 'k', value: 'v' }])).toEqual([
      { key: 'k', value: 'v' },
      { key: 'url', value: 'http://x/?a=b' },
    ]);
  });

  test('a value may be empty, a key may not', () => {
    expect(collectPair('k=', undefined)).toEqual([{ key: 'k', value: '' }]);
    expect(() => collectPair('=v', undefined)).toThrow(CliError);
    expect(() => collectPair('novalue', undefined)).toThrow(/NAME=VALUE/);
  });
});

test('a mistyped command is told, with the one that was meant', () => {
  const commands = ['inspect', 'verify', 'import'];
  expect(() => checkCommand(['inspct', 'a.ova'], commands)).toThrow(
    expect.objectContaining({ exitClass: 'usage', hint: 'Did you mean inspect?' }),
  );
});

test.each([
  [['inspect', 'a.ova']],
  [['appliance', '--json']],
  [['appliance']],
  [['a.ova', 'b.ova']],
  [['help', 'verify']],
])('%j is left to the parser', (args) => {
  expect(() => checkCommand(args, ['inspect', 'verify'])).not.toThrow();
});
