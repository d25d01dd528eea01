import { namesOfHref, pieceName } from '@ovfkit/package-format';
import type { VerifyReport } from '@ovfkit/package-format/node';
import { formatSize, oneLine } from './format.ts';
import { countProblems, problemList } from './problem-list.ts';
import type { Style } from './style.ts';
import { facts, table } from './table.ts';

type Facts = Omit<VerifyReport, 'descriptor'>;

interface Layout {
  readonly style: Style;
  readonly width: number | undefined;
}

interface PageOptions extends Layout {
  readonly path: string;
  readonly verdict: 'ok' | 'packageInvalid' | 'verificationFailed';
}

const verdicts = { ok: 'sound', packageInvalid: 'invalid', verificationFailed: 'not as it was made' } as const;

function digestText({ digests }: Facts['files'][number], { hasManifest }: Facts): string {
  if (digests.length === 0) return hasManifest ? 'not in the manifest' : '';
  return digests
    .map(({ algorithm, stated, actual }) => `${algorithm} ${stated === actual ? 'ok' : 'differs'}`)
    .join(', ');
}

function files(report: Facts, layout: Layout): readonly string[] {
  const { files: all, disks, descriptorName } = report;
  const seals = /\.(?:mf|cert)$/i;
  const rows = all.map((file) => {
    // a disk that is cut into pieces is told of at the first
    const disk = disks.find(({ href }) =>
      namesOfHref(href).some((name) => [name, pieceName(name, 0)].includes(file.name)),
    );
    const kind =
      disk === undefined ? '' : `${disk.kind}${disk.capacity === undefined ? '' : `, ${formatSize(disk.capacity)}`}`;
    const text = seals.test(file.name) && file.name !== descriptorName ? '' : digestText(file, report);
    return [file.name, formatSize(file.size), text, kind];
  });
  const columns = [
    { title: 'File' },
    { title: 'Size', align: 'right' as const },
    { title: 'Digest' },
    { title: 'Disk' },
  ];
  return table(columns, { rows, ...layout });
}

function signature({ signature: signed }: Facts, layout: Layout): readonly string[] {
  if (signed === undefined) return [];
  const { status, signer, chain, algorithm } = signed;
  return [
    '',
    layout.style('bold', 'Signature'),
    ...facts(
      [
        ['Status', status],
        ['Signer', signer.subject],
        ['Issuer', signer.issuer],
        ['Valid', `${signer.validFrom.slice(0, 10)} to ${signer.validTo.slice(0, 10)}`],
        ['Digest', algorithm],
        ['SHA-256', signer.fingerprint256],
        ['Chain', chain.length > 1 ? chain.join(' < ') : undefined],
      ],
      layout,
    ),
  ];
}

/** The page of `verify` for a person, line by line. */
export function verifyPage(report: Facts, { path, verdict, style, width }: PageOptions): readonly string[] {
  const { problems } = report;
  const color = verdict === 'ok' ? 'green' : 'red';
  return [
    `${style('bold', oneLine(path))}  ${style(color, verdicts[verdict])}`,
    '',
    ...files(report, { style, width }),
    ...signature(report, { style, width }),
    ...(problems.length === 0 ? [] : ['', style('bold', `Problems: ${countProblems(problems)}`)]),
    ...problemList(problems, { style, width }),
  ];
}
