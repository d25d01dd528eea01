import type { BaseDisk, Entity, FileType, SessionMember, StoredFile, VirtualMachine } from '@ovfkit/domain';

/** What an export was asked for. */
export interface ExportChoice {
  readonly flags: ReadonlySet<string>;
  /** In place of the entity's own. */
  readonly name: string | undefined;
  readonly description: string | undefined;
}

/** A file of the package that is written. */
export interface ExportedFile extends SessionMember {
  /** In the descriptor. */
  readonly id: string;
  readonly compression: string | undefined;
}

/** A disk of the package that is written; machines that shared one share it again. */
export interface ExportedDisk {
  readonly diskId: string;
  readonly disk: BaseDisk;
  readonly file: ExportedFile | undefined;
  /** Of the disk that this one is a difference to. */
  readonly parentRef: string | undefined;
}

/** The parts of the package, before its descriptor is written. */
export interface ExportPackage {
  /** Without the endings, safe as the name of a file. */
  readonly stem: string;
  readonly files: readonly ExportedFile[];
  readonly disks: readonly ExportedDisk[];
}

const cdTypes: ReadonlySet<number> = new Set([14, 15, 16]);

/** Names every file after the package: `NAME-disk-0.vmdk`, `NAME-cd-0.iso` (contract, section 5.5). */
export function exportPackage(entity: Entity, { flags, name }: ExportChoice): ExportPackage {
  const stem = safeStem(name || entity.name);
  const disks: ExportedDisk[] = [];
  const files: ExportedFile[] = [];
  const add = (file: StoredFile, { kind, fileType }: { readonly kind: string; readonly fileType: FileType }) => {
    const known = files.find(({ blob }) => blob === file.blob);
    if (known !== undefined) return known;
    const index = files.filter((each) => each.name.startsWith(`${stem}-${kind}-`)).length;
    const added: ExportedFile = {
      id: `file${files.length + 1}`,
      name: `${stem}-${kind}-${index}${ending(file, fileType)}`,
      fileType,
      blob: file.blob,
      size: file.size,
      sha256: file.sha256,
      compression: file.compression,
    };
    files.push(added);
    return added;
  };
  const addDisk = (disk: BaseDisk, parentRef: string | undefined): string => {
    const known = disks.find((each) => isSame(each.disk, disk));
    if (known !== undefined) return known.diskId;
    const file = disk.file === undefined ? undefined : add(disk.file, { kind: 'disk', fileType: 'DISK' });
    const diskId = `vmdisk${disks.length + 1}`;
    disks.push({ diskId, disk, file, parentRef });
    return diskId;
  };
  for (const { bases = [], ...disk } of entity.vms.flatMap((vm) => vm.disks)) {
    let parentRef: string | undefined;
    for (const base of bases.toReversed()) parentRef = addDisk(base, parentRef);
    addDisk(disk, parentRef);
  }
  for (const vm of entity.vms)
    for (const file of vm.files) {
      const isCd = cdFiles(vm).has(file.fileRef);
      if (isCd && !flags.has('CDROM')) continue;
      const kind = file.fileType === 'NVRAM' ? 'nvram' : isCd ? 'cd' : 'file';
      add(file, { kind, fileType: file.fileType });
    }
  return { stem, files, disks };
}

/** Several blank disks may come from one element of a descriptor; one with bytes is known by its blob. */
export const isSame = (a: BaseDisk, b: BaseDisk): boolean =>
  a.diskId === b.diskId && a.capacity === b.capacity && a.file?.blob === b.file?.blob;

/** Files in drives of a machine, by the id that its items give them. */
export function cdFiles({ items }: VirtualMachine): ReadonlySet<string> {
  const drives = items.filter(({ resourceType }) => cdTypes.has(resourceType));
  const names = drives.flatMap(({ hostResource }) => hostResource.map((each) => /file\/(.+)$/.exec(each)?.[1]));
  return new Set(names.filter((id) => id !== undefined));
}

/** As a file's name on every platform. */
function safeStem(name: string): string {
  const safe = name
    .replaceAll(/[\p{Cc}/\\:*?"<>|]/gu, '-')
    .replace(/^\.+/, '')
    .trim();
  return safe === '' ? 'package' : safe.slice(0, 200);
}

/** The ending the file came with, `.gz` included; else the usual one of its kind. */
function ending({ name }: StoredFile, fileType: FileType): string {
  const base = name.split('/').at(-1) ?? '';
  const own = /(?:\.[A-Za-z0-9]{1,8})?\.[A-Za-z0-9]{1,8}$/.exec(base)?.[0] ?? '';
  const last = own.endsWith('.gz') ? own : (/\.[A-Za-z0-9]{1,8}$/.exec(base)?.[0] ?? '');
  if (last !== '') return last;
  return fileType === 'DISK' ? '.vmdk' : fileType === 'NVRAM' ? '.nvram' : '';
}
