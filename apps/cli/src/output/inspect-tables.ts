import type { InspectReport, ReportedContent } from '../inspect-report.ts';
import { formatCount, formatSize, oneLine } from './format.ts';
import { propertyType } from './property-type.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { cut } from './text-width.ts';

/** How a page is laid out. `width` in columns; without it lines are as long as they need. */
export interface Layout {
  readonly style: Style;
  readonly width: number | undefined;
}

type Lines = readonly string[];
type System = InspectReport['systems'][number];

const right = { align: 'right' } as const;
const figure = (value: number | null, show: (known: number) => string = String): string =>
  value === null ? '?' : show(value);

function guestOf({ guest }: System): string {
  return guest === null ? '' : (guest.description ?? guest.osType ?? '');
}

function systemRow(system: System, name: string): readonly string[] {
  const { id, cpus, memoryMiB, disks, nics, hardware, firmware } = system;
  return [
    name,
    id === system.name ? '' : id,
    guestOf(system),
    [...hardware, ...(firmware === null ? [] : [firmware])].join(', '),
    figure(cpus),
    figure(memoryMiB, (known) => formatSize(known * 1024 ** 2)),
    String(disks.length),
    nics.map(({ network, type }) => `${network ?? '?'}${type === null ? '' : ` (${type})`}`).join(', '),
  ];
}

/** Systems where they stand among the collections; ids may repeat in a faulty descriptor, so it goes by order. */
function systemRows(content: ReportedContent, systems: readonly System[]): readonly (readonly string[])[] {
  const left = [...systems];
  const visit = (part: ReportedContent, depth: number): readonly (readonly string[])[] => {
    const name = '  '.repeat(Math.min(depth, 8)) + oneLine(part.name ?? part.id);
    if (part.kind === 'VirtualSystem') {
      const system = left.shift();
      return system === undefined ? [] : [systemRow(system, name)];
    }
    const own = [`${name} (vApp)`, part.id === part.name ? '' : part.id, '', '', '', '', '', ''];
    return [own, ...part.children.flatMap((child) => visit(child, depth + 1))];
  };
  return visit(content, 0);
}

/** The systems of a package, nested as they are in their collections. */
export function systemsTable({ content, systems }: InspectReport, layout: Layout): Lines {
  if (systems.length === 0) return [];
  const columns = [
    { title: 'Name' },
    { title: 'Id' },
    { title: 'Guest' },
    { title: 'Hardware' },
    { title: 'CPUs', ...right },
    { title: 'Memory', ...right },
    { title: 'Disks', ...right },
    { title: 'Networks' },
  ];
  return table(columns, { rows: systemRows(content, systems), ...layout });
}

/** The last part of a format's URI tells it from the others. */
const formatName = (format: string | null): string => (format ?? '').replace(/^.*[#/]/, '');

/** The disks of all systems, with the files their contents come from. */
export function disksTable({ systems, files }: InspectReport, layout: Layout): Lines {
  const byId = new Map(files.map((file) => [file.id, file]));
  const rows = systems.flatMap(({ id, disks }) =>
    disks.map(({ diskId, capacityBytes, fileRef, format }) => {
      const file = byId.get(fileRef ?? '');
      const size = file?.size ?? null;
      return [
        systems.length > 1 ? id : '',
        diskId,
        figure(capacityBytes, formatSize),
        file?.href ?? fileRef ?? '(empty)',
        size === null ? '' : formatSize(size),
        [formatName(format), file?.compression].filter((part) => part).join(', '),
      ];
    }),
  );
  const columns = [
    { title: 'System' },
    { title: 'Disk' },
    { title: 'Capacity', ...right },
    { title: 'File' },
    { title: 'Size', ...right },
    { title: 'Format' },
  ];
  return rows.length === 0 ? [] : table(columns, { rows, ...layout });
}

/** The networks, and how many adapters go there. */
export function networksTable({ networkDetails }: InspectReport, layout: Layout): Lines {
  const rows = networkDetails.map(({ name, description, adapters }) => [
    name,
    formatCount(adapters, 'adapter'),
    description ?? '',
  ]);
  const columns = [{ title: 'Name' }, { title: 'Used by' }, { title: 'Description' }];
  return rows.length === 0 ? [] : table(columns, { rows, ...layout });
}

/** Each deployment option with the hardware it implies, all systems together. */
export function optionsTable({ deploymentOptions }: InspectReport, layout: Layout): Lines {
  const rows = deploymentOptions.map(({ id, label, default: isDefault, hardware }) => [
    `${id}${isDefault ? ' (default)' : ''}`,
    figure(hardware.cpus),
    figure(hardware.memoryBytes, formatSize),
    figure(hardware.disks),
    figure(hardware.capacityBytes, formatSize),
    figure(hardware.nics),
    figure(hardware.transferBytes, formatSize),
    label === id ? '' : label,
  ]);
  const columns = [
    { title: 'Id' },
    { title: 'CPUs', ...right },
    { title: 'Memory', ...right },
    { title: 'Disks', ...right },
    { title: 'Capacity', ...right },
    { title: 'NICs', ...right },
    { title: 'Transfer', ...right },
    { title: 'Label' },
  ];
  return rows.length === 0 ? [] : table(columns, { rows, ...layout });
}

/** The properties that exist under the option, with the values they have then; no password. */
export function propertiesTable({ properties }: InspectReport, layout: Layout): Lines {
  const rows = properties
    .filter(({ exists }) => exists)
    .map((property) => [
      property.name,
      propertyType(property),
      property.password && property.value !== null ? '(secret)' : cut(oneLine(property.value ?? ''), 60),
      property.userConfigurable ? 'yes' : 'no',
      cut(oneLine(property.label ?? ''), 80),
    ]);
  const columns = [{ title: 'Key' }, { title: 'Type' }, { title: 'Value' }, { title: 'Settable' }, { title: 'Label' }];
  return rows.length === 0 ? [] : table(columns, { rows, ...layout });
}
