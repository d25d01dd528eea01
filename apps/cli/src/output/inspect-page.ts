import type { InspectReport } from '../inspect-report.ts';
import { formatCount, formatSize, oneLine } from './format.ts';
import {
  disksTable,
  type Layout,
  networksTable,
  optionsTable,
  propertiesTable,
  systemsTable,
} from './inspect-tables.ts';
import { countProblems, problemList } from './problem-list.ts';
import { facts } from './table.ts';
import { cut } from './text-width.ts';

type Lines = readonly string[];

const indent = 2;

function packageText({ package: pack }: InspectReport): string {
  return [
    pack.kind.toUpperCase(),
    `${formatSize(pack.size)} in ${formatCount(pack.members.length, 'file')}`,
    `OVF ${pack.ovfVersion}`,
    pack.hasManifest ? 'manifest' : 'no manifest',
    ...(pack.hasCertificate ? ['certificate'] : []),
  ].join(', ');
}

function hardwareText({ hardware: { disks, capacityBytes, transferBytes } }: InspectReport): string | undefined {
  if (disks === 0) return undefined;
  return [
    formatCount(disks, 'disk'),
    capacityBytes === null ? 'capacity unknown' : formatSize(capacityBytes),
    transferBytes === null ? 'size of the files unknown' : `${formatSize(transferBytes)} to transfer`,
  ].join(', ');
}

function head(report: InspectReport, { style, width }: Layout): Lines {
  const { package: pack, products, content, deploymentOptions } = report;
  const [product] = products;
  const annotation = [report.annotation, content.annotation].find((text) => text !== null && text !== '');
  return [
    style('bold', oneLine(product?.product ?? content.name ?? content.id)),
    ...facts(
      [
        ['Vendor', product?.vendor ?? undefined],
        ['Version', product?.fullVersion ?? product?.version ?? undefined],
        ['Web', product?.productUrl ?? product?.vendorUrl ?? undefined],
        ['Package', packageText(report)],
        ['Option', deploymentOptions.length > 1 ? (report.option ?? undefined) : undefined],
        ['Disks', hardwareText(report)],
        ['Licences', report.eulas === 0 ? undefined : `${report.eulas} to accept`],
        ['Missing', pack.missing.join(', ')],
        ['About', annotation == null ? undefined : cut(oneLine(annotation), 400)],
      ],
      { style, width },
    ),
  ];
}

/** The beginning of each licence; `--json` has all of it. */
function licences({ eulaTexts }: InspectReport, { style, width = 110 }: Layout): Lines {
  return eulaTexts.map((text) => {
    const words = formatCount(text.split(/\s+/).filter((word) => word !== '').length, 'word');
    return `${cut(oneLine(text), Math.max(width - words.length - 2, 20))}  ${style('dim', words)}`;
  });
}

/** The page of `inspect` for a person, line by line. */
export function inspectPage(report: InspectReport, { style, width }: Layout): Lines {
  const layout: Layout = { style, width: width === undefined ? undefined : Math.max(width - indent, 20) };
  const section = (title: string, lines: Lines): Lines =>
    lines.length === 0 ? [] : ['', style('bold', title), ...lines.map((line) => `${' '.repeat(indent)}${line}`)];
  const { findings } = report;
  return [
    ...head(report, { style, width }),
    ...section('Systems', systemsTable(report, layout)),
    ...section('Disks', disksTable(report, layout)),
    ...section('Networks', networksTable(report, layout)),
    ...section('Deployment options', optionsTable(report, layout)),
    ...section('Properties', propertiesTable(report, layout)),
    ...section('Licences', licences(report, layout)),
    ...section(`Findings: ${countProblems(findings)}`, problemList(findings, { ...layout, most: 3 })),
  ];
}
