import type { VerifyReport } from '@ovfkit/package-format/node';
import { expect, test } from 'vitest';
import { plainStyle } from '../../src/output/style.ts';
import { verifyPage } from '../../src/output/verify-page.ts';

const file = (name: string) => ({ name, size: 1024, digests: [] });

/** The line of a file on the page. */
function lineOf(name: string, report: Partial<VerifyReport>): string | undefined {
  const whole = { files: [], disks: [], hasManifest: true, problems: [], ...report };
  const page = verifyPage(whole, { path: 'a.ova', verdict: 'ok', style: plainStyle, width: undefined });
  return page.find((line) => line.startsWith(name));
}

test('a disk is told of with its file, one in pieces with the first of them', () => {
  const disks = [
    { href: 'my%20disk.vmdk', kind: 'streamOptimized', capacity: 2 ** 30 },
    { href: 'cut.vmdk', kind: 'sparse', capacity: undefined },
  ] as const;
  const files = ['my disk.vmdk', 'cut.vmdk.000000000', 'cut.vmdk.000000001'].map(file);
  expect(lineOf('my disk.vmdk', { disks, files })).toMatch(/streamOptimized, 1 GiB$/);
  expect(lineOf('cut.vmdk.000000000', { disks, files })).toMatch(/sparse$/);
  expect(lineOf('cut.vmdk.000000001', { disks, files })).not.toContain('sparse');
});
