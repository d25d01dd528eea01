import { expect, test } from 'vitest';
import type { ImportOptions } from '../../src/import/import-options.ts';
import { jobIdOf, jobOptionsOf } from '../../src/journal/identity.ts';
import type { Target } from '../../src/target/resolve-target.ts';

const target: Target = {
  label: 'lab',
  url: 'https://lab.example',
  user: 'admin',
  password: undefined,
  thumbprint: undefined,
  ca: undefined,
  path: [],
  places: {},
};
const idOf = (options: Partial<ImportOptions>, at: Partial<Target> = {}, fingerprint = 'a'): string =>
  jobIdOf(jobOptionsOf({ source: '/packages/a.ova', to: 'lab', verify: true, ...options }), {
    target: { ...target, ...at },
    fingerprint,
  });

test.each([
  ['how its output looks', { json: true }],
  ['what happens when it is interrupted', { onInterrupt: 'keep' }],
  ['how the target is spelled and trusted', { to: 'https://admin:secret@lab.example', thumbprint: 'AA' }],
  ['the order in which its options are given', { verify: true, to: 'lab' }],
] as const)('%s makes no other import of a command', (_, options) => {
  expect(idOf(options)).toBe(idOf({}));
});

test.each([
  ['its package', { source: '/packages/b.ova' }, {}],
  ['its name', { name: 'web' }, {}],
  ['a property', { prop: [{ key: 'a', value: 'b' }] }, {}],
  ['its target', {}, { url: 'https://other.example' }],
  ['its user', {}, { user: 'other' }],
] as const)('%s does', (_, options, at) => {
  expect(idOf(options, at)).not.toBe(idOf({}));
});

test('what a file is now makes no other import of a command, what is piped does', () => {
  expect(idOf({}, {}, 'b')).toBe(idOf({}));
  expect(idOf({ source: '-' }, {}, 'b')).not.toBe(idOf({ source: '-' }));
});

test('no password of a target is written down, and paths hold from any folder', () => {
  const written = jobOptionsOf({ source: 'a.ova', to: 'https://admin:secret@lab.example', ca: 'ca.pem', verify: true });
  expect(JSON.stringify(written)).not.toContain('secret');
  expect(written).toMatchObject({
    source: `${process.cwd()}/a.ova`,
    ca: `${process.cwd()}/ca.pem`,
    to: 'https://admin@lab.example/',
  });
});
