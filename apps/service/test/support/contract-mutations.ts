import type { HttpAnswer, HttpRequest, SendHttp } from '@ovfkit/conformance';
import type { ImportInfo, SessionBackend } from '@ovfkit/domain';
import { SessionError } from '@ovfkit/domain';

/** A way to break the service, and the rules that have to be seen broken: these, and no other. */
export interface Mutation {
  readonly name: string;
  readonly breaks: readonly string[];
  /** Between the server and the engine. */
  readonly backend?: (backend: SessionBackend) => SessionBackend;
  /** Between the suite and the server. */
  readonly wire?: (send: SendHttp) => SendHttp;
}

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

const engineMutations: readonly Mutation[] = [
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

const answering =
  (change: (answer: HttpAnswer, request: HttpRequest) => HttpAnswer) =>
  (send: SendHttp): SendHttp =>
  async (request) =>
    change(await send(request), request);

const asking =
  (change: (request: HttpRequest) => HttpRequest) =>
  (send: SendHttp): SendHttp =>
  (request) =>
    send(change(request));

/** The JSON of an answer, changed by `revive`, which sees every value from the inside out. */
function rewritten(answer: HttpAnswer, revive: (key: string, value: unknown) => unknown): HttpAnswer {
  const text = new TextDecoder().decode(answer.body);
  if (!/^[[{]/.test(text)) return answer;
  return {
    ...answer,
    body: new TextEncoder().encode(JSON.stringify(JSON.parse(text, (key, value) => revive(key, value)))),
  };
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const asksFor = ({ method, url }: HttpRequest, verb: string, part: string): boolean =>
  method === verb && url.includes(part);

const wireMutations: readonly Mutation[] = [
  {
    name: 'get of an import that is not found answers 400',
    breaks: ['import.get.unknown', 'import.delete', 'detection.expired', 'probe.not-an-import'],
    wire: answering((answer, request) =>
      asksFor(request, 'GET', '/rest/com/vmware/vcenter/ovf/import-session/') && answer.status === 404
        ? { ...answer, status: 400 }
        : answer,
    ),
  },
  {
    name: '@class is left out of results',
    breaks: ['class.result.first'],
    wire: answering((answer, request) =>
      asksFor(request, 'POST', 'action=try-instantiate')
        ? rewritten(answer, (key, value) => (key === '@class' ? undefined : value))
        : answer,
    ),
  },
  {
    name: '@class is the last key of its structure',
    breaks: ['class.result.first', 'class.error.first'],
    wire: answering((answer) =>
      rewritten(answer, (_, value) => {
        if (!isObject(value) || !('@class' in value)) return value;
        const { '@class': name, ...rest } = value;
        return { ...rest, '@class': name };
      }),
    ),
  },
  {
    name: 'maps of /rest are written as those of /api',
    breaks: ['dialect.map.rest.write'],
    wire: answering((answer, { url }) =>
      url.includes('/rest/')
        ? rewritten(answer, (key, value) => (key === 'customization_results' ? {} : value))
        : answer,
    ),
  },
  {
    name: 'maps of /api are read as those of /rest only',
    breaks: ['library-item.deploy.api'],
    wire: asking((request) => ({
      ...request,
      ...(typeof request.body === 'string' && request.url.includes('/api/vcenter/ovf/library-item/')
        ? { body: request.body.replace(/"network_mappings":\{"[^"]*":"[^"]*"\}/, '"network_mappings":7') }
        : {}),
    })),
  },
  {
    name: 'deploy passes an unknown resource pool over',
    breaks: ['library-item.deploy.unknown'],
    wire: asking((request) => ({
      ...request,
      ...(typeof request.body === 'string' && request.url.includes('action=deploy')
        ? { body: request.body.replace('resgroup-of-nobody', 'resgroup-8') }
        : {}),
    })),
  },
  {
    name: 'escapes in paths are not read',
    breaks: ['dialect.path.escapes'],
    wire: asking((request) => ({
      ...request,
      url: request.url.replaceAll(/id:((?:%[0-9A-F]{2})+)/g, (all) => all.replaceAll('%', '%25')),
    })),
  },
  {
    name: 'errors have no messages',
    breaks: ['error.rest.envelope', 'error.api.envelope', 'error.json'],
    wire: answering((answer) =>
      answer.status >= 400 ? rewritten(answer, (key, value) => (key === 'messages' ? undefined : value)) : answer,
    ),
  },
  {
    name: 'an unknown operation is told as a thing that is not found',
    breaks: [
      'dialect.action.unknown',
      'dialect.method.unknown',
      'detection.missing',
      'error.service.unknown',
      'error.service.unknown-api',
    ],
    wire: answering((answer) =>
      rewritten(answer, (_, value) =>
        typeof value === 'string'
          ? value.replace('OPERATION_NOT_FOUND', 'NOT_FOUND').replace('operation_not_found', 'not_found')
          : value,
      ),
    ),
  },
  {
    name: 'a login of /api answers 200',
    breaks: ['login.api'],
    wire: answering((answer, request) =>
      asksFor(request, 'POST', '/api/session') && answer.status === 201 ? { ...answer, status: 200 } : answer,
    ),
  },
  {
    name: 'a login sets its cookie though only the header is wanted',
    breaks: ['login.header-only'],
    wire: answering((answer, { headers }) =>
      headers['vmware-use-header-authn'] === undefined
        ? answer
        : { ...answer, headers: { ...answer.headers, 'set-cookie': 'vmware-api-session-id=a' } },
    ),
  },
  {
    name: 'a call without a token is forbidden, not unauthenticated',
    breaks: ['login.token.none', 'error.unauthenticated'],
    wire: answering((answer, request) =>
      asksFor(request, 'GET', '/rest/com/vmware/vcenter/ovf/export-flag') && answer.status === 401
        ? { ...answer, status: 403 }
        : answer,
    ),
  },
  {
    name: 'the @class of a create_spec is not looked at',
    breaks: ['class.spec.wrong'],
    wire: asking((request) => ({
      ...request,
      ...(typeof request.body === 'string' && request.url.includes('import-session')
        ? { body: request.body.replace(/"@class":"com\.vmware\.vcenter\.ovf\.export_session\.create_spec",?/, '') }
        : {}),
    })),
  },
  {
    name: 'a second writer is told that it has sent the file',
    breaks: ['upload.second-writer'],
    wire: answering((answer, { method }) =>
      method === 'PUT' && answer.status === 409 ? { ...answer, status: 200 } : answer,
    ),
  },
  {
    name: 'an operation without a result answers {}',
    breaks: ['import.instantiate', 'import.instantiate.invalid'],
    wire: answering((answer, request) =>
      asksFor(request, 'POST', 'action=instantiate') && answer.status === 200
        ? { ...answer, body: new TextEncoder().encode('{}') }
        : answer,
    ),
  },
  {
    name: 'values of /api are wrapped as those of /rest',
    breaks: ['dialect.api.value', 'flags.export.api'],
    wire: answering((answer, request) =>
      asksFor(request, 'GET', '/api/vcenter/ovf/export-flag') && answer.status === 200
        ? { ...answer, body: new TextEncoder().encode(`{"value":${new TextDecoder().decode(answer.body)}}`) }
        : answer,
    ),
  },
];

/** Each breaks one rule, or one thing that several rules speak of. */
export const mutations: readonly Mutation[] = [...engineMutations, ...wireMutations];
