import type { ImportInfo, SessionBackend } from '@ovfkit/domain';
import { SessionError } from '@ovfkit/domain';
import type { Mutation } from './mutation.ts';

type Imports = SessionBackend['importSession'];

const withImports =
  (change: (imports: Imports, backend: SessionBackend) => Partial<Imports>) =>
  (backend: SessionBackend): SessionBackend => ({
    ...backend,
    importSession: { ...backend.importSession, ...change(backend.importSession, backend) },
  });

/** Every Info of an import is changed. */
const withInfo = (change: (info: ImportInfo) => ImportInfo) =>
  withImports(({ get }) => ({ get: async (input, options) => change(await get(input, options)) }));

/** Of all backends of one service, as each request has its own. */
const pulled = new Set<string>();
const given = new Map<string, Parameters<Imports['tryInstantiate']>[0]['instantiationParameters']>();

/** What is broken between the server and the engine. */
export const engineMutations: readonly Mutation[] = [
  {
    name: 'delete of an unknown import is not found',
    breaks: ['import.delete.twice', 'import.delete.unknown'],
    backend: withImports(({ get, delete: remove }) => ({
      async delete({ id }) {
        await get({ id });
        await remove({ id });
      },
    })),
  },
  {
    name: 'progress may fall',
    breaks: ['import.progress.lower'],
    backend: withImports(({ get, progress }) => ({
      async progress({ id, percent }) {
        const { state, progress: before } = await get({ id });
        const isLower =
          state === 'IMPORT_FILE_TRANSFER' && percent >= 0 && percent < before && Number.isInteger(percent);
        if (!isLower) await progress({ id, percent });
      },
    })),
  },
  {
    name: 'instantiate is taken twice',
    breaks: ['import.instantiate.twice', 'forbidden.import_file_transfer.instantiate', 'pull.transfer'],
    backend: withImports(({ get, instantiate }) => ({
      async instantiate(input) {
        const known = await get({ id: input.id }).catch(() => undefined);
        if (known?.state !== 'IMPORT_FILE_TRANSFER') await instantiate(input);
      },
    })),
  },
  {
    name: 'client_token is looked at and forgotten',
    breaks: ['import.create.token.same'],
    backend: withImports(({ createForResourcePool }) => ({
      createForResourcePool: ({ clientToken, ...input }) =>
        createForResourcePool({
          ...input,
          ...(clientToken === undefined || clientToken.includes('-') ? {} : { clientToken }),
        }),
    })),
  },
  {
    name: 'a pull passes IMPORT_MSG_BUNDLES_TRANSFER',
    breaks: ['pull.bundles'],
    backend: withImports(({ createForResourcePool, get }) => ({
      async createForResourcePool(input) {
        const id = await createForResourcePool(input);
        if (input.createSpec.sourceType === 'PULL_SOURCE') pulled.add(id);
        return id;
      },
      async get(input) {
        const info = await get(input);
        const isPulling = pulled.has(input.id) && info.state === 'IMPORT_OVF_TRANSFER';
        return isPulling ? { ...info, state: 'IMPORT_MSG_BUNDLES_TRANSFER' } : info;
      },
    })),
  },
  {
    name: 'try_instantiate remembers what it was given before',
    breaks: ['import.try.again'],
    backend: withImports(({ tryInstantiate }) => ({
      async tryInstantiate({ id, instantiationParameters }, options) {
        const all = instantiationParameters.length > 0 ? instantiationParameters : (given.get(id) ?? []);
        given.set(id, all);
        return tryInstantiate({ id, instantiationParameters: all }, options);
      },
    })),
  },
  {
    name: 'try_instantiate tells one error at a time',
    breaks: ['import.try.all-errors'],
    backend: withImports(({ tryInstantiate }) => ({
      async tryInstantiate(input, options) {
        const result = await tryInstantiate(input, options);
        return { ...result, errors: result.errors.slice(0, 1) };
      },
    })),
  },
  {
    name: 'file_transfer_mode is always there',
    breaks: ['files.mode'],
    backend: withInfo((info) => ({ fileTransferMode: 'SERVER_TRANSFER_MODE', ...info })),
  },
  {
    name: 'manifest and certificate are required',
    breaks: ['files.push.manifest', 'files.push.manifest_certificate'],
    backend: withInfo((info) => ({
      ...info,
      files: info.files.map((file) => ({ ...file, optionalUpload: false })),
    })),
  },
  {
    name: 'preview takes anything for a descriptor',
    breaks: ['base64', 'deflate', 'garbage', 'empty', 'not-xml'].map((form) => `import.preview.${form}`),
    backend: withImports(({ preview }) => ({
      preview: (input) => preview(input).catch(() => ({ files: [], errors: [], warnings: [], information: [] })),
    })),
  },
  {
    name: 'an unknown folder is passed over',
    breaks: ['import.create.folder.unknown'],
    backend: withImports(({ createForResourcePool }, { inventory }) => ({
      async createForResourcePool({ folder, ...input }) {
        const isKnown = folder !== undefined && (await inventory.folder.list({ folders: [folder] })).length > 0;
        return createForResourcePool({ ...input, ...(isKnown ? { folder } : {}) });
      },
    })),
  },
  {
    name: 'the thumbprint of a pull is not used',
    breaks: ['pull.pin.colons', 'pull.pin.plain'],
    backend: withImports(({ createForResourcePool }) => ({
      createForResourcePool({ createSpec, ...input }) {
        const { sslCertificateThumbprint: _, ...unpinned } = createSpec;
        const isPull = createSpec.sourceType === 'PULL_SOURCE';
        return createForResourcePool({ ...input, createSpec: isPull ? unpinned : createSpec });
      },
    })),
  },
  {
    name: 'an export takes a lower progress',
    breaks: ['export.progress.lower'],
    backend: (backend) => ({
      ...backend,
      exportSession: {
        ...backend.exportSession,
        progress: (input) =>
          backend.exportSession.progress(input).catch((error: unknown) => {
            const isLower = error instanceof SessionError && error.kind === 'INVALID_ARGUMENT' && input.percent <= 100;
            if (!isLower) throw error;
          }),
      },
    }),
  },
  {
    name: 'delete of a completed import takes its machine away',
    breaks: ['import.delete.completed'],
    backend: withImports(({ get, delete: remove }, { inventory }) => ({
      async delete({ id }) {
        const vm = (await get({ id }).catch(() => undefined))?.vmId;
        await remove({ id });
        if (vm !== undefined) await inventory.vm.delete({ vm }).catch(() => undefined);
      },
    })),
  },
];
