import type { VerifyReport } from '@ovfkit/package-format/node';
import { formatSize, oneLine } from './format.ts';
import type { Style } from './style.ts';
import { facts, table } from './table.ts';

type Facts = Omit<VerifyReport, 'descriptor'>;

interface PageOptions {
  readonly path: string;
  readonly verdict: 'ok' | 'packageInvalid' | 'verificationFailed';
  readonly style: Style;
}

const verdicts = { ok: 'sound', packageInvalid: 'invalid', verificationFailed: 'not as it was made' } as const;

function digestText({ digests }: Facts['files'][number], { hasManifest }: Facts): string {
  if (digests.length === 0) return hasManifest ? 'not in the manifest' : '';
  return digests
    .map(({ algorithm, stated, actual }) => `${algorithm} ${stated === actual ? 'ok' : 'differs'}`)
    .join(', ');
}

function files(report: Facts, style: Style): readonly string[] {
  const { files: all, disks, descriptorName } = report;
  const seals = /\.(?:mf|cert)$/i;
  const rows = all.map((file) => {
    const disk = disks.find(({ href }) => href === file.name);
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
  return table(columns, { rows, style });
}

function signature({ signature: signed }: Facts, style: Style): readonly string[] {
  if (signed === undefined) return [];
  const { status, signer, chain, algorithm } = signed;
  return [
    '',
    style('bold', 'Signature'),
    ...facts(
      [
        ['  Status', status],
        ['  Signer', signer.subject],
        ['  Issuer', signer.issuer],
        ['  Valid', `${signer.validFrom.slice(0, 10)} to ${signer.validTo.slice(0, 10)}`],
        ['  Digest', algorithm],
        ['  SHA-256', signer.fingerprint256],
        ['  Chain', chain.length > 1 ? chain.join(' < ') : undefined],
      ],
      style,
    ),
  ];
}

function problems({ problems: all }: Facts, style: Style): readonly string[] {
  if (all.length === 0) return [];
  const colors = { error: 'red', warning: 'yellow', info: 'dim' } as const;
  const lines = all.flatMap(({ severity, file, line, column, offset, message, code, hint }) => {
    const place = [file, line, column].filter((part) => part !== undefined && part !== '').join(':');
    const at = line === undefined && offset !== undefined ? ` (at byte ${offset})` : '';
    return [
      `  ${style(colors[severity], severity)} ${oneLine(place)} ${oneLine(message)}${at} ${style('dim', code)}`,
      ...(hint === undefined ? [] : [`    ${style('cyan', 'next:')} ${oneLine(hint)}`]),
    ];
  });
  return ['', style('bold', 'Problems'), ...lines];
}

/** The page of `verify` for a person, line by line. */
export function verifyPage(report: Facts, { path, verdict, style }: PageOptions): readonly string[] {
  const color = verdict === 'ok' ? 'green' : 'red';
  return [
    `${style('bold', oneLine(path))}  ${style(color, verdicts[verdict])}`,
    '',
    ...files(report, style),
    ...signature(report, style),
    ...problems(report, style),
  ];
}
