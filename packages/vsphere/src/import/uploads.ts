import { type NewEntity, SessionError, type StoredFile } from '@ovfkit/domain';
import { namesOfHref, readDescriptor } from '@ovfkit/package-format';
import type { HeldLease } from '../vim/lease.ts';
import type { NfcUpload } from '../vim/nfc-transfer.ts';
import type { FileItem } from '../vim/ovf-manager.ts';

interface Asked {
  readonly held: Pick<HeldLease, 'info'>;
  readonly request: NewEntity;
  /** What the server asks for. */
  readonly items: readonly FileItem[];
}

const namesOf = ({ path }: FileItem): readonly string[] => [path, ...namesOfHref(path)];

/** Each file with the device it is for. @throws SessionError INTERNAL_SERVER_ERROR, NOT_FOUND */
export function uploadsOf({ held, request, items }: Asked): readonly NfcUpload[] {
  const files = filesByName(request);
  return items.map((item) => {
    const device = held.info.deviceUrl.find(({ importKey }) => importKey === item.deviceId);
    if (device === undefined)
      throw new SessionError('INTERNAL_SERVER_ERROR', `The lease has no URL for ${item.path} (${item.deviceId}).`);
    const file = namesOf(item)
      .map((name) => files.get(name))
      .find((each) => each !== undefined);
    if (file === undefined) throw new SessionError('NOT_FOUND', `vSphere asks for ${item.path}, which did not come.`);
    return { device, item, file };
  });
}

/** Of files that machines of the entity should have and the server does not ask for: images for drives that it does not make, for one. */
export function untakenFileTexts({ request, items }: Omit<Asked, 'held'>): readonly string[] {
  const asked = new Set(items.flatMap(namesOf));
  return [...new Set(ownFiles(request).map(({ name }) => name))]
    .filter((name) => !asked.has(name))
    .map((name) => `vSphere takes no ${name} of this package: ${request.entity.name} is made without it.`);
}

/** Files that the server asks for and the package does not name. */
export function unknownFileTexts({ request, items }: Omit<Asked, 'held'>): readonly string[] {
  const { files } = readDescriptor(request.descriptor, { lax: true });
  const known = new Set([...files.map(({ href }) => href), ...filesByName(request).keys()]);
  return items
    .filter((item) => namesOf(item).every((name) => !known.has(name)))
    .map(({ path }) => `vSphere asks for ${path}, which the package does not have.`);
}

/** The files of the machines of an entity, in full. */
export const ownFiles = ({ entity }: Pick<NewEntity, 'entity'>): readonly StoredFile[] =>
  entity.vms.flatMap((vm) => [
    ...vm.files,
    ...vm.disks.flatMap(({ file, bases = [] }) => [file, ...bases.map((base) => base.file)].filter((each) => !!each)),
  ]);

/** Those of the entity are whole where the package has them in pieces. */
const filesByName = (request: NewEntity): ReadonlyMap<string, StoredFile> =>
  new Map([...request.files, ...ownFiles(request)].map((file) => [file.name, file]));
