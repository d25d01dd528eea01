import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findingRules, readDescriptor } from '../packages/package-format/src/index.ts';
import { root } from '../scripts/workspace.ts';
import { rowsOf } from './markdown.ts';

const rows = rowsOf(await readFile(join(root, 'docs/findings.md'), 'utf8'), 'Code');

test('docs/findings.md has every code with its severities and category, and no other', () => {
  const known = Object.entries(findingRules).map(([code, rule]) => [
    `\`${code}\``,
    rule.severity,
    'lax' in rule ? rule.lax : rule.severity,
    `\`${rule.category}\``,
  ]);
  expect(rows.map((row) => row.slice(0, 4))).toEqual(known);
});

test('docs/findings.md says when each happens', () => {
  for (const [code, , , , when] of rows) expect(when, code).not.toBe('');
});

test('docs/findings.md advises what a finding advises', () => {
  const text = `<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
    <References><File/><File ovf:id="a" ovf:href="../a" ovf:size="x"/></References>
    <DiskSection><Disk ovf:diskId="d" ovf:parentRef="d"/></DiskSection>
    <New/>
  </Envelope>`;
  const advice = new Map(rows.map(([code = '', , , , , what]) => [code.replaceAll('`', ''), what]));
  const { findings } = readDescriptor(text);
  expect(new Set(findings.map(({ code }) => code)).size).toBeGreaterThan(6);
  for (const { code, hint } of findings) expect(hint).toBe(advice.get(code));
});
