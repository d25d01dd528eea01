import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDescriptor, summarize } from '@ovfkit/package-format';
import { expect, test } from 'vitest';

const corpus = process.env['OVFKIT_CORPUS'] ?? '';
const files = readdirSync(join(corpus, 'descriptors'), { recursive: true, encoding: 'utf8' });

/** `owner--folder` with one descriptor, or `owner--file`. */
function descriptorOf(stem: string): string {
  const found = files.filter(
    (file) => file === `${stem}.ovf` || (file.startsWith(`${stem}/`) && file.endsWith('.ovf')),
  );
  expect(found).toHaveLength(1);
  return join(corpus, 'descriptors', found[0] ?? '');
}

const expected = readdirSync(join(corpus, 'expected')).filter((file) => file.endsWith('.json'));

test('there are fourteen files of facts', () => {
  expect(expected).toHaveLength(14);
});

for (const file of expected) {
  test(`${file} matches what is read`, () => {
    const facts: unknown = JSON.parse(readFileSync(join(corpus, 'expected', file), 'utf8'));
    const descriptor = readDescriptor(readFileSync(descriptorOf(file.replace(/\.json$/, ''))), { file });
    expect(summarize(descriptor)).toEqual(facts);
  });
}
