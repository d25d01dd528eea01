import { randomUUID } from 'node:crypto';
import { type OvfFileInfo, type SessionBackend, SessionError, type Upload } from '@ovfkit/domain';
import type { LocalStore } from '@ovfkit/store-local';

/** Calls the backend got, as `service.operation`, and what came with them. */
export type Call = readonly [name: string, input: unknown, locale: string | undefined];

export interface FileBackend {
  readonly backend: SessionBackend;
  readonly calls: Call[];
  /** Makes an export session whose one file has these bytes. */
  addExport(name: string, bytes: Uint8Array): Promise<string>;
  /** Resolves when so many bytes of a session's uploads were taken from the wire, kept or not yet. */
  untilTaken(sessionId: string, count: number): Promise<void>;
  /** Downloads fail with this after their first chunk from now on. */
  fail(error: Error): void;
}

/** Names of import files; of the last one the first 1000 bytes are taken and no more, as of an archive's part. */
export const names = { disk: 'disk 1/ä?.vmdk', plain: 'disk.vmdk', archive: 'descriptor.ova' };

const refuse = () => Promise.reject(new SessionError('UNSUPPORTED', 'Not here.'));
const keyOf = ({ kind, sessionId, file }: Pick<Upload, 'kind' | 'sessionId' | 'file'>) =>
  `${kind}/${sessionId}/${encodeURIComponent(file.name)}`;

async function* first(bytes: AsyncIterable<Uint8Array>, count: number) {
  let left = count;
  for await (const chunk of bytes) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}

/** The files of sessions over a real blob store: what the wire rules of transfers need, and no more. */
export function createFileBackend({ blobs, inventory }: LocalStore): FileBackend {
  const calls: Call[] = [];
  const sessions = new Map<string, readonly OvfFileInfo[]>();
  const sealed = new Set<string>();
  const sizes = new Map<string, number>();

  function filesOf(id: string): readonly OvfFileInfo[] {
    const files = sessions.get(id);
    if (files === undefined) throw new SessionError('NOT_FOUND', `There is no session ${id}.`);
    return files;
  }

  const taken = new Map<string, number>();
  async function* count(id: string, bytes: AsyncIterable<Uint8Array>) {
    for await (const chunk of bytes) {
      taken.set(id, (taken.get(id) ?? 0) + chunk.length);
      yield chunk;
    }
  }

  let failure: Error | undefined;
  async function* failing(bytes: AsyncIterable<Uint8Array>) {
    for await (const chunk of bytes) {
      yield chunk;
      if (failure) throw failure;
    }
  }

  const fileService: SessionBackend['files'] = {
    async upload({ offset, size, bytes, ...address }) {
      const key = keyOf(address);
      if (offset !== (await blobs.size(key)) && offset > 0)
        throw new SessionError('CONCURRENT_CHANGE', 'Another offset.');
      if (offset === 0) await blobs.delete(key);
      const isArchive = address.file.name === names.archive;
      const counted = count(address.sessionId, bytes);
      const kept = await blobs.append(key, offset, isArchive ? first(counted, 1000) : counted);
      const isComplete = isArchive || size === undefined || kept === size;
      if (isComplete) {
        await blobs.seal(key, '');
        sealed.add(key);
      }
      return { offset: kept, isComplete };
    },
    async uploadState(address) {
      const key = keyOf(address);
      return { offset: await blobs.size(key), isComplete: sealed.has(key) };
    },
    async download({ range, ...address }) {
      const key = keyOf(address);
      return { size: sizes.get(key) ?? 0, etag: 'v1', bytes: failing(blobs.read(key, range)) };
    },
  };
  const note =
    <Input extends object, Output>(name: string, act: (input: Input) => Output | Promise<Output>) =>
    async (input: Input, options: { locale?: string } = {}) => {
      calls.push([name, input, options.locale]);
      return act(input);
    };
  const infoOf = ({ id }: { id: string }) => ({ files: [...filesOf(id)], errors: [], warnings: [], information: [] });
  const backend: SessionBackend = {
    features: {
      sessionList: false,
      resumableUpload: true,
      contentLibrary: false,
      vappList: true,
      hardwareVersions: false,
      templates: false,
    },
    importSession: {
      createForResourcePool: note('create', () => {
        const id = randomUUID();
        const files = Object.values(names).map((name) => ({
          name,
          fileType: 'DISK' as const,
          optionalUpload: false,
          fileUrl: `import/${id}/${encodeURIComponent(name)}`,
          bytesTransferred: 0,
        }));
        sessions.set(id, files);
        return id;
      }),
      get: note('get', (input) => ({ state: 'IMPORT_FILE_TRANSFER', progress: 0, ...infoOf(input) })),
      tryInstantiate: refuse,
      instantiate: refuse,
      progress: note('progress', () => {}),
      delete: note('delete', () => {}),
      preview: note('preview', ({ ovfDescriptor }) => ({
        files: [{ name: String(ovfDescriptor.length) }],
        errors: [],
        warnings: [],
        information: [],
      })),
      probe: () => {
        throw new Error('secret detail of a bug');
      },
      list: refuse,
    },
    probeImportSession: { createProbeImportSession: refuse, get: refuse, tryInstantiate: refuse, delete: refuse },
    exportSession: {
      create: refuse,
      get: note('export get', (input) => ({ state: 'EXPORT_READY', ...infoOf(input) })),
      progress: refuse,
      delete: refuse,
      preview: refuse,
      list: refuse,
    },
    exportFlag: {
      list: note('export flags', () => [
        { option: 'PRESERVE_MAC', description: { id: 'a', defaultMessage: 'b', args: [] } },
      ]),
    },
    importFlag: { list: note('import flags', () => []) },
    capability: { get: refuse },
    libraryItem: { create: refuse, deploy: refuse, filter: refuse },
    contentLibrary: {
      library: { list: refuse, get: refuse, find: refuse, delete: refuse },
      localLibrary: { list: refuse, get: refuse, create: refuse, update: refuse, delete: refuse },
      item: { list: refuse, get: refuse, find: refuse, create: refuse, update: refuse, delete: refuse, copy: refuse },
      itemFile: { list: refuse, get: refuse },
      itemStorage: { list: refuse, get: refuse },
      updateSession: {
        ...{ create: refuse, get: refuse, list: refuse, keepAlive: refuse },
        ...{ complete: refuse, cancel: refuse, fail: refuse, delete: refuse },
      },
      updateSessionFile: {
        ...{ add: refuse, get: refuse, list: refuse, remove: refuse, validate: refuse, probe: refuse },
      },
      downloadSession: {
        ...{ create: refuse, get: refuse, list: refuse, keepAlive: refuse, cancel: refuse, delete: refuse },
      },
      downloadSessionFile: { list: refuse, get: refuse, prepare: refuse },
    },
    inventory,
    files: fileService,
  };
  return {
    backend,
    calls,
    async untilTaken(sessionId, wanted) {
      while ((taken.get(sessionId) ?? 0) < wanted) await new Promise(setImmediate);
    },
    fail: (error) => {
      failure = error;
    },
    async addExport(name, bytes) {
      const id = randomUUID();
      const file = {
        name,
        fileType: 'DISK' as const,
        optionalUpload: false,
        fileUrl: `export/${id}/x`,
        bytesTransferred: 0,
      };
      sessions.set(id, [file]);
      const key = keyOf({ kind: 'export', sessionId: id, file });
      sizes.set(key, bytes.length);
      await blobs.append(key, 0, first(parts(bytes), bytes.length));
      return id;
    },
  };
}

async function* parts(bytes: Uint8Array) {
  yield bytes;
}
