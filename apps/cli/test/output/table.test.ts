import { describe, expect, test } from 'vitest';
import { facts, table } from '../../src/output/table.ts';
import { widthOf } from '../../src/output/text-width.ts';

describe('a table', () => {
  test('has columns as wide as their widest cell, and numbers to the right', () => {
    const lines = table([{ title: 'Name' }, { title: 'n', align: 'right' }], {
      rows: [
        ['a', '10'],
        ['long name', '9'],
      ],
    });
    expect(lines).toEqual(['Name        n', 'a          10', 'long name   9']);
  });

  test('counts the columns a terminal gives a character, and keeps indentation', () => {
    expect(
      table([{ title: 'N' }, { title: 'X' }], {
        rows: [
          ['虚拟', 'a'],
          ['  b', 'c'],
        ],
      }),
    ).toEqual(['N     X', '虚拟  a', '  b   c']);
  });

  test('leaves out a column that has nothing in it', () => {
    expect(table([{ title: 'A' }, { title: 'B' }], { rows: [['x', '']] })).toEqual(['A', 'x']);
  });

  test('fits into the terminal: the widest text goes on below, numbers stay whole, and nothing is lost', () => {
    const rows = [['a long text with many words in it', '123456', 'short']];
    const lines = table([{ title: 'Text' }, { title: 'Number', align: 'right' }, { title: 'Other' }], {
      rows,
      width: 30,
    });
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(30);
    expect(lines.join('\n')).toContain('123456');
    for (const word of rows[0]?.[0]?.split(' ') ?? []) expect(lines.join('\n')).toContain(word);
  });

  test('keeps characters that steer a terminal out', () => {
    expect(table([{ title: 'A' }], { rows: [['\u001B[2Jx\ny']] })).toEqual(['A', '\uFFFD[2Jx y']);
  });
});

describe('facts', () => {
  test('without a value are left out', () => {
    expect(
      facts([
        ['A', 'x'],
        ['Long', undefined],
        ['B', ''],
      ]),
    ).toEqual(['A  x']);
  });

  test('that are long go on under their value', () => {
    expect(facts([['Missing', 'one.vmdk, two.vmdk, three.vmdk']], { width: 30 })).toEqual([
      'Missing  one.vmdk, two.vmdk,',
      '         three.vmdk',
    ]);
  });
});
