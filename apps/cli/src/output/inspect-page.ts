import { type Descriptor, eulasOf, messageOf, productsOf } from '@ovfkit/package-format';
import type { InspectReport } from '../inspect-report.ts';
import { cut, formatCount, formatSize, oneLine } from './format.ts';
import type { Style } from './style.ts';
import { facts, table } from './table.ts';

interface PageOptions {
  readonly descriptor: Descriptor;
  readonly style: Style;
  readonly locale: string | undefined;
}

type Lines = readonly string[];

const section = ({ title, lines, style }: { title: string; lines: Lines; style: Style }): Lines =>
  lines.length === 0 ? [] : ['', style('bold', title), ...lines.map((line) => `  ${line}`)];

const formatName = (format: string | null): string => (format ?? '').replace(/^.*[#/]/, '');

function head(report: InspectReport, { descriptor, style }: PageOptions): Lines {
  const { package: pack, products, systems } = report;
  const [product] = products;
  const size = pack.members.reduce((sum, member) => sum + member.size, 0);
  const count = (noun: string, total: number) => formatCount(total, noun);
  const seals = [pack.hasManifest ? 'manifest' : 'no manifest', pack.hasCertificate ? 'certificate' : undefined];
  return [
    style('bold', oneLine(product?.product ?? systems[0]?.name ?? descriptor.content.name ?? descriptor.content.id)),
    ...facts(
      [
        ['Vendor', product?.vendor],
        ['Version', product?.fullVersion ?? product?.version],
        [
          'Package',
          `${pack.kind.toUpperCase()}, ${formatSize(size)} in ${count('file', pack.members.length)}, OVF ${pack.ovfVersion}`,
        ],
        ['Integrity', seals.filter((seal) => seal !== undefined).join(', ')],
        ['Option', report.option ?? undefined],
        ['Licences', report.eulas === 0 ? undefined : `${report.eulas} to accept`],
        ['Missing', pack.missing.join(', ')],
      ],
      style,
    ),
  ];
}

function systems({ systems: all }: InspectReport, style: Style): Lines {
  return table(
    [
      { title: 'Id' },
      { title: 'Name' },
      { title: 'CPUs', align: 'right' },
      { title: 'Memory', align: 'right' },
      { title: 'Disks', align: 'right' },
      { title: 'Networks' },
    ],
    {
      rows: all.map(({ id, name, cpus, memoryMiB, disks, nics }) => [
        id,
        name ?? '',
        cpus === null ? '?' : String(cpus),
        memoryMiB === null ? '?' : formatSize(memoryMiB * 1024 ** 2),
        String(disks.length),
        nics.map(({ network, type }) => `${network ?? '?'}${type === null ? '' : ` (${type})`}`).join(', '),
      ]),
      style,
    },
  );
}

function disks(report: InspectReport, style: Style): Lines {
  const rows = report.systems.flatMap(({ id, disks: all }) =>
    all.map(({ diskId, capacityBytes, fileRef, format }) => {
      const file = report.files.find((each) => each.id === fileRef);
      return [
        id,
        diskId,
        capacityBytes === null ? '?' : formatSize(capacityBytes),
        file?.href ?? (fileRef === null ? '(empty)' : fileRef),
        file?.size == null ? '' : formatSize(file.size),
        formatName(format),
      ];
    }),
  );
  const right = { align: 'right' } as const;
  return rows.length === 0
    ? []
    : table(
        [
          { title: 'System' },
          { title: 'Disk' },
          { title: 'Capacity', ...right },
          { title: 'File' },
          { title: 'Size', ...right },
          { title: 'Format' },
        ],
        { rows, style },
      );
}

function properties({ descriptor, style, locale }: PageOptions): Lines {
  const text = (msgid: string | undefined, own: string | undefined): string =>
    (msgid === undefined ? undefined : messageOf(descriptor, msgid, locale)) ?? own ?? '';
  const rows = productsOf(descriptor).flatMap((product) =>
    product.properties.map((property) => [
      [product.class, property.key, product.instance].filter((part) => part !== undefined && part !== '').join('.'),
      property.type,
      property.password ? (property.value === undefined ? '' : '(secret)') : cut(oneLine(property.value ?? ''), 40),
      property.userConfigurable ? 'yes' : 'no',
      cut(oneLine(text(property.labelMsgid, property.label)), 50),
    ]),
  );
  return rows.length === 0
    ? []
    : table([{ title: 'Key' }, { title: 'Type' }, { title: 'Default' }, { title: 'Settable' }, { title: 'Label' }], {
        rows,
        style,
      });
}

const figure = (value: number | null, show: (known: number) => string = String): string =>
  value === null ? '?' : show(value);

/** Each option with the hardware it implies. */
function options({ optionHardware }: InspectReport, { descriptor, style, locale }: PageOptions): Lines {
  const rows = descriptor.deploymentOptions.map(({ id, label, labelMsgid, isDefault }) => {
    const implied = optionHardware.find((each) => each.id === id);
    return [
      `${id}${isDefault ? ' (default)' : ''}`,
      figure(implied?.cpus ?? null),
      figure(implied?.memoryBytes ?? null, formatSize),
      figure(implied?.disks ?? null),
      figure(implied?.capacityBytes ?? null, formatSize),
      figure(implied?.nics ?? null),
      (labelMsgid === undefined ? undefined : messageOf(descriptor, labelMsgid, locale)) ?? label,
    ];
  });
  const right = { align: 'right' } as const;
  const columns = [
    { title: 'Id' },
    { title: 'CPUs', ...right },
    { title: 'Memory', ...right },
    { title: 'Disks', ...right },
    { title: 'Capacity', ...right },
    { title: 'NICs', ...right },
    { title: 'Label' },
  ];
  return rows.length === 0 ? [] : table(columns, { rows, style });
}

/** The beginning of each licence; `--json` has all of it. */
function licences({ descriptor, style, locale }: PageOptions): Lines {
  return eulasOf(descriptor).flatMap(({ license, licenseMsgid }) => {
    const text = (licenseMsgid === undefined ? undefined : messageOf(descriptor, licenseMsgid, locale)) ?? license;
    const words = text.split(/\s+/).filter((word) => word !== '').length;
    return [`${cut(oneLine(text), 90)}  ${style('dim', formatCount(words, 'word'))}`];
  });
}

function findings({ findings: all }: InspectReport, style: Style): Lines {
  const colors = { error: 'red', warning: 'yellow', info: 'dim' } as const;
  return all.flatMap(({ severity, code, file, line, column, message, hint }) => [
    `${style(colors[severity], severity)} ${oneLine(file)}:${line}:${column} ${oneLine(message)} ${style('dim', code)}`,
    ...(hint === undefined ? [] : [`  ${style('cyan', 'next:')} ${oneLine(hint)}`]),
  ]);
}

/** The page of `inspect` for a person, line by line. */
export function inspectPage(report: InspectReport, page: PageOptions): Lines {
  const { style, descriptor } = page;
  const networks = descriptor.networks.map(({ name, description }) =>
    description === undefined || description === ''
      ? oneLine(name)
      : `${oneLine(name)}  ${style('dim', oneLine(description))}`,
  );
  return [
    ...head(report, page),
    ...section({ title: 'Systems', lines: systems(report, style), style }),
    ...section({ title: 'Disks', lines: disks(report, style), style }),
    ...section({ title: 'Networks', lines: networks, style }),
    ...section({ title: 'Deployment options', lines: options(report, page), style }),
    ...section({ title: 'Properties', lines: properties(page), style }),
    ...section({ title: 'Licences', lines: licences(page), style }),
    ...section({ title: 'Findings', lines: findings(report, style), style }),
  ];
}
