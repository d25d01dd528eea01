import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { rowsOf } from '../../../../test/markdown.ts';
import { faultOf } from '../../src/index.ts';
import { faultError } from '../../src/vim/fault.ts';

const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
const quoted = (cell = ''): readonly string[] => [...cell.matchAll(/`(\w+)`/g)].flatMap(([, name]) => name ?? []);

describe('the table of faults in the README', () => {
  const rows = rowsOf(readme, 'Fault').map(([faults, kind]) => ({ faults: quoted(faults), kind: quoted(kind)[0] }));

  test.each(rows.flatMap(({ faults, kind }) => faults.map((fault) => [fault, kind])))(
    'has %s as %s, as the code',
    (type = '', kind) => {
      expect(faultError({ type, message: '', detail: {} }, 'Method').kind).toBe(kind);
    },
  );

  test('is not empty, and says what becomes of the rest', () => {
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.at(-1)?.kind).toBe(faultError({ type: 'OfTomorrow', message: '', detail: {} }, 'Method').kind);
  });
});

describe('an error for a fault', () => {
  test('says what the server said, and the type', () => {
    const error = faultError(
      { type: 'FileFault', message: 'Cannot open the disk.\n', detail: { file: 'a' } },
      'ExportVm',
    );
    expect(error.message).toBe('Cannot open the disk (FileFault).');
    expect(error.data).toEqual({ fault: 'FileFault', method: 'ExportVm', detail: { file: 'a' } });
    expect(faultOf(error)).toBe('FileFault');
  });

  test('says which method failed when the server says nothing', () => {
    expect(faultError({ type: 'VimFault', message: ' ', detail: {} }, 'ExportVm').message).toBe(
      'vSphere refused ExportVm (VimFault).',
    );
  });

  test('says what to do where that is always right', () => {
    const text = (type: string, detail = {}) => faultError({ type, message: 'No', detail }, 'Method').message;
    expect(text('NoPermission', { privilegeId: 'VApp.Import' })).toMatch(/needs the privilege VApp\.Import/);
    expect(text('InvalidLogin')).toMatch(/Check user and password/);
    expect(text('DuplicateName')).toMatch(/another name/);
    expect(text('RestrictedVersion')).toMatch(/licence/);
  });

  test('is told apart from errors of another kind', () => {
    expect(faultOf(new Error('a'))).toBeUndefined();
    expect(faultOf(undefined)).toBeUndefined();
  });
});
