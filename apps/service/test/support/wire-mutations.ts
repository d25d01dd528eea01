import type { HttpAnswer, HttpRequest, SendHttp } from '@ovfkit/conformance';
import type { Mutation } from './mutation.ts';

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

/** What is broken between the suite and the server. */
export const wireMutations: readonly Mutation[] = [
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
