import type { ImportSession, NewEntity, OvfParams, StoredFile } from '@ovfkit/domain';
import type { FileReference } from '@ovfkit/package-format';
import type { LoadedDescriptor } from './descriptor.ts';
import { createEntityOf } from './entity.ts';
import { type PackageFile, packageFiles } from './package-files.ts';
import type { Selection } from './parameters/evaluate.ts';
import { receivedFiles } from './received.ts';

/** An import that knows what it makes. */
export interface ChosenImport {
  readonly session: ImportSession;
  readonly loaded: LoadedDescriptor;
  readonly parameters: readonly OvfParams[];
  readonly selection: Selection;
  /** That the entity will be in. */
  readonly folder: string;
}

/** A file that goes to a machine; more than one piece for a chunked one. */
export interface MachineFile {
  readonly reference: FileReference;
  readonly pieces: readonly PackageFile[];
}

/** The files that go to machines: message bundles go to none. */
export const machineFiles = ({ loaded: { descriptor }, selection }: ChosenImport): readonly MachineFile[] =>
  selection.resolved.files
    .map((reference) => ({ reference, pieces: packageFiles(descriptor, [reference]) }))
    .filter(({ pieces }) => pieces.every(({ fileType }) => fileType !== 'MSG_BUNDLE'));

/** What the inventory is asked to make; `files` are those for machines, by the id the descriptor gives them. */
export function newEntityOf(chosen: ChosenImport, files: ReadonlyMap<string, StoredFile>): NewEntity {
  const { session, loaded, parameters, selection } = chosen;
  const { descriptor, text } = loaded;
  const named = new Set(packageFiles(descriptor).map(({ name }) => name));
  const came = receivedFiles(session, 'import').filter(({ name }) => named.has(name));
  return {
    key: session.id,
    entity: createEntityOf({ descriptor, selection, files, placement: placementOf(chosen) }),
    descriptor: text,
    parameters,
    flags: session.createSpec.importFlags,
    files: came.map(({ name, blob, size, sha256 }) => ({ name, blob, size, sha256 })),
  };
}

function placementOf({ session, folder, selection }: ChosenImport) {
  const { resourcePool, hostSystem } = session.target;
  const { datastore, profile } = selection.storage;
  return {
    resourcePool,
    folder,
    datastore,
    ...(hostSystem === undefined ? {} : { host: hostSystem }),
    ...(profile === undefined ? {} : { storageProfile: profile }),
  };
}
