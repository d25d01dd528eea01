import type { OvfParams } from '@ovfkit/domain';
import { describe, expect, test } from 'vitest';
import { spaceProblems } from '../../src/plan/space.ts';

const gib = 1024 ** 3;
const offers = {
  networks: [],
  datastores: [
    { id: 'datastore-1', name: 'small', freeSpace: 10 * gib },
    { id: 'datastore-2', name: 'silent' },
  ],
};

function sized(flat: number, sparse: number): readonly OvfParams[] {
  return [
    {
      type: 'SizeParams',
      approximateFlatDeploymentSize: flat,
      approximateSparseDeploymentSize: sparse,
      approximateDownloadSize: sparse,
    },
    { type: 'DatastoreMappingParams', targetDatastore: 'datastore-1' },
  ];
}

const thick: OvfParams = { type: 'DatastoreMappingParams', targetProvisioningType: 'thick' };
const thin: OvfParams = { type: 'DatastoreMappingParams', targetProvisioningType: 'thin' };

const severities = (found: readonly OvfParams[], ...chosen: readonly OvfParams[]) =>
  spaceProblems(found, { chosen, offers }).map(({ severity }) => severity);

describe('room on the datastore', () => {
  test('thick disks need it in full', () => {
    expect(severities(sized(11 * gib, gib), thick)).toEqual(['error']);
    expect(severities(sized(10 * gib, gib), thick)).toEqual([]);
  });

  test('thin disks need it for what is in them, and are told when they may outgrow it', () => {
    expect(severities(sized(11 * gib, gib), thin)).toEqual(['warning']);
    expect(severities(sized(12 * gib, 11 * gib), thin)).toEqual(['error']);
    expect(severities(sized(10 * gib, 10 * gib), thin)).toEqual([]);
  });

  test('the error says how much there is and how much it takes', () => {
    const [problem] = spaceProblems(sized(11 * gib, gib), { chosen: [thick], offers });
    expect(problem).toMatchObject({ exitCode: 5, message: expect.stringMatching(/small has 10 GiB free.*11 GiB/) });
  });

  test('of a datastore that says nothing, and of disks on several, nothing is claimed', () => {
    const elsewhere: OvfParams = { type: 'DatastoreMappingParams', targetDatastore: 'datastore-2' };
    expect(severities(sized(100 * gib, 100 * gib), elsewhere)).toEqual([]);
    const spread: OvfParams = { ...thick, diskGroups: [{ id: 'data', targetDatastore: 'datastore-2' }] };
    expect(severities(sized(100 * gib, 100 * gib), spread)).toEqual([]);
  });

  test('of disks on several datastores is looked at on each', () => {
    const disks = [
      { diskId: 'system', flat: 4 * gib, sparse: gib },
      { diskId: 'data', flat: 11 * gib, sparse: 2 * gib },
    ];
    const problems = (mode: 'thick' | 'thin', moved: string) =>
      spaceProblems([{ type: 'DatastoreMappingParams', targetDatastore: 'datastore-2' }], {
        chosen: [
          {
            type: 'DatastoreMappingParams',
            targetProvisioningType: mode,
            diskGroups: [{ id: moved, targetDatastore: 'datastore-1' }],
          },
        ],
        offers,
        disks,
      });
    expect(problems('thick', 'data')).toMatchObject([
      { severity: 'error', message: expect.stringMatching(/^small has 10 GiB free; the disks take 11 GiB/) },
    ]);
    expect(problems('thin', 'data').map(({ severity }) => severity)).toEqual(['warning']);
    expect(problems('thick', 'system')).toEqual([]);
    expect(problems('thick', 'a group of disks')).toEqual([]);
  });

  test('sizes that the target does not know are no need', () => {
    expect(severities(sized(-1, -1), thick)).toEqual([]);
  });
});
