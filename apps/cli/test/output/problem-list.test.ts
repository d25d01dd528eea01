import { expect, test } from 'vitest';
import { countProblems, type ListedProblem, problemList } from '../../src/output/problem-list.ts';
import { plainStyle } from '../../src/output/style.ts';

const warning = (line: number): ListedProblem => ({
  severity: 'warning',
  code: 'KEY_ODD',
  message: `key ${line} is odd`,
  file: 'a.ovf',
  line,
  column: 3,
  hint: 'Rename it.',
});
const damage: ListedProblem = {
  severity: 'error',
  code: 'DAMAGED',
  message: 'a grain is lost',
  file: 'd.vmdk',
  offset: 512,
};

test('errors stand first, those of one kind together, with their places, and the hint once', () => {
  expect(problemList([warning(1), damage, warning(9)], { style: plainStyle })).toEqual([
    'error DAMAGED',
    '  d.vmdk at byte 512 a grain is lost',
    'warning KEY_ODD, 2 times',
    '  a.ovf:1:3 key 1 is odd',
    '  a.ovf:9:3 key 9 is odd',
    '  next: Rename it.',
  ]);
});

test('a message that begins with its file does not have it twice', () => {
  const problem: ListedProblem = { severity: 'error', code: 'SIZE', message: 'a.vmdk has 1 byte', file: 'a.vmdk' };
  expect(problemList([problem], { style: plainStyle })).toContain('  a.vmdk has 1 byte');
});

test('of very many of one kind only some are told, and how many there are', () => {
  const lines = problemList(
    Array.from({ length: 60 }, (_, index) => warning(index)),
    { style: plainStyle, most: 3 },
  );
  expect(lines).toHaveLength(6);
  expect(lines[0]).toContain('60 times');
  expect(lines[4]).toContain('57 more');
});

test('counts are told by severity', () => {
  expect(countProblems([damage, warning(1), warning(2)])).toBe('1 error, 2 warnings');
});
