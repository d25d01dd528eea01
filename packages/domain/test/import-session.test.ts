import { type ImportCreateSpec, importCreateSpecProblems } from '@ovfkit/domain';
import { describe, expect, test } from 'vitest';

const pull = { sourceType: 'PULL_SOURCE', pullSource: 'https://repo.example.com/app.ovf' };
const push = { sourceType: 'PUSH_SOURCE' };
const library = { sourceType: 'CONTENT_LIBRARY_SOURCE', contentLibraryItem: 'item-1' };

// Section 7.1 of the contract, the table of union rules.
describe('a source', () => {
  test.each<ImportCreateSpec>([
    pull,
    { ...pull, sslCertificateThumbprint: 'AA:BB', locale: 'de', importFlags: ['LAX'] },
    push,
    { ...push, pushSourceContentType: 'OVF_SOURCE', pushSourceOvfOption: 'MANIFEST' },
    { ...push, pushSourceOvfOption: 'MANIFEST_CERTIFICATE' },
    { ...push, pushSourceContentType: 'OVA_SOURCE' },
    library,
  ])('like %j is right', (spec) => {
    expect(importCreateSpecProblems(spec)).toEqual([]);
  });

  test.each<[ImportCreateSpec, string]>([
    [{ sourceType: 'PULL_SOURCE' }, 'pull_source is required with PULL_SOURCE'],
    [{ sourceType: 'PULL_SOURCE', pullSource: '' }, 'pull_source is required with PULL_SOURCE'],
    [{ sourceType: 'CONTENT_LIBRARY_SOURCE' }, 'content_library_item is required with CONTENT_LIBRARY_SOURCE'],
    [{ ...push, pullSource: 'x' }, 'pull_source does not belong to PUSH_SOURCE'],
    [{ ...push, sslCertificateThumbprint: 'AA' }, 'ssl_certificate_thumbprint does not belong to PUSH_SOURCE'],
    [{ ...push, contentLibraryItem: 'x' }, 'content_library_item does not belong to PUSH_SOURCE'],
    [{ ...pull, pushSourceContentType: 'OVF_SOURCE' }, 'push_source_content_type does not belong to PULL_SOURCE'],
    [{ ...library, pushSourceOvfOption: 'NONE' }, 'push_source_ovf_option does not belong to CONTENT_LIBRARY_SOURCE'],
    [
      { ...push, pushSourceContentType: 'OVA_SOURCE', pushSourceOvfOption: 'NONE' },
      'push_source_ovf_option does not belong to OVA_SOURCE',
    ],
    [{ ...push, pushSourceContentType: 'ZIP' }, 'push_source_content_type ZIP is not one of OVF_SOURCE, OVA_SOURCE'],
    [
      { ...push, pushSourceOvfOption: 'ALL' },
      'push_source_ovf_option ALL is not one of MANIFEST, MANIFEST_CERTIFICATE, NONE',
    ],
    [{ sourceType: 'FLOPPY' }, 'source_type FLOPPY is not one of PUSH_SOURCE, PULL_SOURCE, CONTENT_LIBRARY_SOURCE'],
  ])('like %j is wrong: %s', (spec, problem) => {
    expect(importCreateSpecProblems(spec)).toEqual([problem]);
  });

  test('with several faults has all of them named', () => {
    expect(
      importCreateSpecProblems({ sourceType: 'PULL_SOURCE', contentLibraryItem: 'x', pushSourceOvfOption: 'NONE' }),
    ).toHaveLength(3);
  });
});
