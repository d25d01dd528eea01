import { type Judgement, type Remark, SessionError } from '@ovfkit/domain';
import { localizedFault } from './fault.ts';
import { quoted, remarkOf } from './ovf-remark.ts';
import { retrieveOne } from './property-collector.ts';
import type { VimClient, VimMethod } from './vim-client.ts';
import { anything, flag, list, object, optional, text, type ValueOf, whole } from './vim-shape.ts';
import type { ManagedObject, VimObject, VimValue } from './vim-value.ts';

/** A file that has to be sent for an import; its device is paired with a URL of the lease by `deviceId`. */
const FileItem = object('OvfFileItem', {
  deviceId: text,
  /** As References has it. */
  path: text,
  compressionMethod: optional(text),
  chunkSize: optional(whole),
  size: optional(whole),
  /** CIM's type of the device; 17 is a disk. */
  cimType: optional(whole),
  /** Whether the file is made new at the host, as images and firmware variables are; a disk is there already. */
  create: optional(flag),
});
export type FileItem = ValueOf<typeof FileItem>;

const createImportSpecMethod: VimMethod<ImportSpecResult> = {
  name: 'CreateImportSpec',
  isRepeatable: true,
  result: object('OvfCreateImportSpecResult', {
    importSpec: optional(anything),
    fileItem: list(FileItem),
    warning: list(localizedFault),
    error: list(localizedFault),
  }),
};

interface ImportSpecResult {
  readonly importSpec: VimValue | undefined;
  readonly fileItem: readonly FileItem[];
  readonly warning: readonly ValueOf<typeof localizedFault>[];
  readonly error: readonly ValueOf<typeof localizedFault>[];
}

/** What a server answers to a package. */
export interface SpecAnswer extends Judgement {
  /** The server's own: sent back as it came, but for what the import itself has to say. Absent beside errors. */
  readonly spec?: VimObject | undefined;
  /** In the order they are sent in where that matters: differences of a disk after the disk. */
  readonly files: readonly FileItem[];
}

/** Where and how a package is imported. */
export interface ImportSpecQuestion {
  readonly descriptor: string;
  readonly resourcePool: ManagedObject;
  readonly datastore: ManagedObject;
  /** `OvfCreateImportSpecParams`. */
  readonly params: VimObject;
  readonly signal?: AbortSignal | undefined;
}

/** Asks the server what it would make of a package; nothing is made. @throws SessionError for faults of the call */
export async function createImportSpec(vim: VimClient, question: ImportSpecQuestion): Promise<SpecAnswer> {
  const { descriptor, resourcePool, datastore, params, signal } = question;
  const { importSpec, fileItem, warning, error } = await vim.call(createImportSpecMethod, {
    object: ovfManager(vim),
    args: { ovfDescriptor: descriptor, resourcePool, datastore, cisp: params },
    signal,
  });
  const isSpec = typeof importSpec === 'object' && !Array.isArray(importSpec);
  return {
    spec: isSpec ? (importSpec as VimObject) : undefined, // a list was ruled out
    files: fileItem,
    warnings: warning.map(remarkOf),
    errors: error.map(remarkOf),
  };
}

/** @throws SessionError INVALID_ARGUMENT with the server's reasons, all of them, in the text and in `data.errors` */
export function specIn({ spec, errors }: SpecAnswer): VimObject {
  if (errors.length > 0) throw refusal('the package cannot be imported there', errors);
  if (spec !== undefined) return spec;
  throw new SessionError(
    'INTERNAL_SERVER_ERROR',
    'vSphere found nothing wrong with the package and made no import spec.',
  );
}

const parseDescriptorMethod: VimMethod<ParseResult> = {
  name: 'ParseDescriptor',
  isRepeatable: true,
  result: object('OvfParseDescriptorResult', { warning: list(localizedFault), error: list(localizedFault) }),
};

type ParseResult = Pick<ImportSpecResult, 'warning' | 'error'>;

/** A descriptor that is to be judged. */
export interface JudgementQuestion {
  readonly descriptor: string;
  readonly deploymentOption?: string | undefined;
  /** Whether it is read as forgivingly as the server can. */
  readonly leniency?: 'lax' | undefined;
  readonly signal: AbortSignal;
}

/**
 * Asks the server what it thinks of a descriptor, wherever it would go; nothing is made. Nothing is resolved to by a server that judges
 * none.
 * @throws SessionError as the call faults
 */
export async function judgeDescriptor(
  vim: VimClient,
  { descriptor, deploymentOption = '', leniency, signal }: JudgementQuestion,
): Promise<Judgement | undefined> {
  const { ovfManager: manager } = vim.content;
  if (manager === undefined) return undefined;
  const options = leniency === undefined ? [] : await ovfOptionsOf(vim, { of: 'import', signal });
  const importOption = options.filter((each) => each === leniency);
  const pdp = { _typeName: 'OvfParseDescriptorParams', locale: '', deploymentOption, importOption };
  try {
    const args = { ovfDescriptor: descriptor, pdp };
    const { warning, error } = await vim.call(parseDescriptorMethod, { object: manager, args, signal });
    const quote = (each: ValueOf<typeof localizedFault>) => quoted(remarkOf(each));
    return { errors: error.map(quote), warnings: warning.map(quote) };
  } catch (error) {
    if (error instanceof SessionError && isNoMethod(error.kind)) return undefined;
    throw error;
  }
}

const isNoMethod = (kind: SessionError['kind']): boolean => kind === 'OPERATION_NOT_FOUND' || kind === 'UNSUPPORTED';

const createDescriptorMethod: VimMethod<DescriptorResult> = {
  name: 'CreateDescriptor',
  isRepeatable: true,
  result: object('OvfCreateDescriptorResult', {
    ovfDescriptor: text,
    warning: list(localizedFault),
    error: list(localizedFault),
  }),
};

interface DescriptorResult {
  readonly ovfDescriptor: string;
  readonly warning: readonly ValueOf<typeof localizedFault>[];
  readonly error: readonly ValueOf<typeof localizedFault>[];
}

/** A file as an export has found it, for the descriptor to name. */
export interface OvfFile {
  /** `key` of its URL in the lease. */
  readonly deviceId: string;
  /** Relative; becomes the href. */
  readonly path: string;
  readonly size: number;
}

export interface DescriptorQuestion {
  readonly entity: ManagedObject;
  readonly name: string;
  readonly files: readonly OvfFile[];
  /** Names of `OvfManager.ovfExportOption`. */
  readonly options: readonly string[];
  /** Whether drives keep their images. */
  readonly withImages: boolean;
  /** Whose state is described, in place of the machine's own. */
  readonly snapshot?: ManagedObject | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The descriptor of a machine or vApp in the server's words, with its remarks.
 * @throws SessionError INVALID_ARGUMENT with the server's reasons; faults of the call
 */
export async function createDescriptor(
  vim: VimClient,
  { entity, name, files, options, withImages, snapshot, signal }: DescriptorQuestion,
): Promise<{ readonly descriptor: string; readonly warnings: readonly string[] }> {
  const { ovfDescriptor, warning, error } = await vim.call(createDescriptorMethod, {
    object: ovfManager(vim),
    args: {
      obj: entity,
      cdp: {
        _typeName: 'OvfCreateDescriptorParams',
        ovfFiles: files.map(({ deviceId, path, size }) => ({ _typeName: 'OvfFile', deviceId, path, size })),
        name,
        includeImageFiles: withImages,
        exportOption: [...options],
        snapshot,
      },
    },
    signal,
  });
  if (error.length > 0) throw refusal(`${name} cannot be described`, error.map(remarkOf));
  return { descriptor: ovfDescriptor, warnings: warning.map((each) => remarkOf(each).text) };
}

/** Names of what can be asked for beyond the usual: of imports, such as `lax`, and of what descriptors say. */
export async function ovfOptionsOf(
  vim: VimClient,
  { of, signal }: { readonly of: 'import' | 'export'; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const path = of === 'import' ? 'ovfImportOption' : 'ovfExportOption';
  const properties = { [path]: list(object('OvfOptionInfo', { option: text })) };
  const found = await retrieveOne(vim, { object: ovfManager(vim), properties, signal });
  return (found[path] ?? []).map(({ option }) => option);
}

/** @throws SessionError UNSUPPORTED */
function ovfManager({ content, about }: VimClient): ManagedObject {
  if (content.ovfManager !== undefined) return content.ovfManager;
  throw new SessionError('UNSUPPORTED', `${about.fullName} has no OvfManager, so it takes and gives no packages.`);
}

function refusal(what: string, errors: readonly Remark[]): SessionError {
  const words = errors.map(({ text }) => text);
  return new SessionError('INVALID_ARGUMENT', `vSphere says that ${what}: ${words.join('; ')}`, {
    data: { errors: words },
  });
}
