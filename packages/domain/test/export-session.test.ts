import { type ExportCreateSpec, exportPreviewProblems, exportProblems } from '@ovfkit/domain';
import { describe, expect, test } from 'vitest';

const source = { vmId: 'vm-101' };
const download = { targetType: 'DOWNLOAD_TARGET' };
const library = { targetType: 'CONTENT_LIBRARY_TARGET', contentLibrary: 'library-1' };

// Section 7.7 of the contract, union rules.
describe('a target', () => {
  test.each<ExportCreateSpec>([
    download,
    { ...download, targetContentType: 'OVA_TARGET', exportFlags: ['CDROM'], name: 'a', description: 'b' },
    { ...download, contentLibraryItem: 'ignored' },
    library,
    { ...library, contentLibraryItem: 'item-1' },
  ])('like %j is right', (createSpec) => {
    expect(exportProblems({ source, createSpec })).toEqual([]);
  });

  test.each<[ExportCreateSpec, string]>([
    [{ targetType: 'TAPE' }, 'target_type TAPE is not one of DOWNLOAD_TARGET, CONTENT_LIBRARY_TARGET'],
    [{ ...download, targetContentType: 'ZIP' }, 'target_content_type ZIP is not one of OVF_TARGET, OVA_TARGET'],
    [{ ...download, contentLibrary: 'x' }, 'content_library does not belong to DOWNLOAD_TARGET'],
    [{ targetType: 'CONTENT_LIBRARY_TARGET' }, 'content_library is required with CONTENT_LIBRARY_TARGET'],
    [{ ...library, targetContentType: 'OVF_TARGET' }, 'target_content_type does not belong to CONTENT_LIBRARY_TARGET'],
  ])('like %j is wrong: %s', (createSpec, problem) => {
    expect(exportProblems({ source, createSpec })).toEqual([problem]);
  });

  test('is looked at even when the source is wrong', () => {
    expect(exportProblems({ source: {}, createSpec: { targetType: 'TAPE' } })).toHaveLength(2);
  });
});

test('a source is one machine or one vApp; an empty id counts as none', () => {
  expect(exportPreviewProblems({ vmId: 'vm-1' }, {})).toEqual([]);
  expect(exportPreviewProblems({ vappId: 'resgroup-1', vmId: '' }, {})).toEqual([]);
  expect(exportPreviewProblems({}, {})).toEqual(['source names neither vm_id nor vapp_id; give one']);
  expect(exportPreviewProblems({ vmId: '', vappId: '' }, {})).toHaveLength(1);
  expect(exportPreviewProblems({ vmId: 'vm-1', vappId: 'resgroup-1' }, {})).toEqual([
    'source names both vm_id and vapp_id; give one',
  ]);
  expect(exportPreviewProblems({ vmId: 'vm-1' }, { targetType: 'PAPER' })).toEqual([
    'target_type PAPER is not one of DOWNLOAD_TARGET, CONTENT_LIBRARY_TARGET',
  ]);
});
