import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ManagedObject, VimObject, VimValue } from '../../../src/vim/vim-value.ts';
import { type Model, type ServedObject, VimServerFault } from './model.ts';
import { type ReceivedCall, readJsonCall, readSoapCall, writeJson, writeSoap } from './wires.ts';

/** What a method is called with. */
export interface MethodCall {
  readonly object: ServedObject;
  readonly args: VimObject;
  readonly model: Model;
  readonly server: VimServer;
}

/** Methods by `Type.Method`, `*` for any type. What one returns is the result. */
export type Methods = Readonly<Record<string, (call: MethodCall) => VimValue | undefined>>;

/** Methods whose answers take their time. */
export type SlowMethods = Readonly<Record<string, (call: MethodCall) => Promise<VimValue | undefined>>>;

/** What happens to a call in place of, or beside, its being done. */
export type Trouble =
  | { readonly fault: VimServerFault }
  | { readonly status: number }
  /** The connection breaks: before the method is done, or after it. */
  | { readonly breaks: 'before' | 'after' }
  /** Runs as the call arrives; the method is then done as ever. */
  | { readonly meanwhile: () => void };

export interface VimServer {
  /** `http://127.0.0.1:1234`, or with `https`. */
  readonly url: string;
  readonly model: Model;
  /** `TRANSPORT Type.Method`, in the order they came. */
  readonly calls: readonly string[];
  /** The most objects a page of the property collector has. */
  pageSize: number;
  /** Whether VI JSON answers. */
  hasViJson: boolean;
  /** The next `times` calls of a method, such as `Login`, meet `trouble`. */
  trouble(method: string, trouble: Trouble, times?: number): void;
  /** Every session ends, as after half an hour of silence. */
  forgetSessions(): void;
  /** Requests below these paths, for files. */
  serve(prefix: string, listener: RequestListener): void;
  close(): Promise<void>;
}

/** Calls that need no login. */
const open = ['RetrieveServiceContent', 'content', 'Login', 'CurrentTime', 'Logout'];

export interface VimServerOptions {
  readonly model: Model;
  readonly methods: Methods;
  readonly slowMethods?: SlowMethods;
  readonly user?: string;
  readonly password?: string;
  /** Key and certificate, PEM: with them it speaks TLS. */
  readonly identity?: { readonly key: string; readonly cert: string } | undefined;
}

/** Serves a model over SOAP and VI JSON alike, on a free port of this machine. */
export async function startVimServer({
  model,
  methods,
  slowMethods = {},
  user = 'user',
  password = 'pass',
  identity,
}: VimServerOptions): Promise<VimServer> {
  const sessions = new Set<string>();
  const calls: string[] = [];
  const troubles: { readonly method: string; readonly trouble: Trouble; left: number }[] = [];
  const files: { readonly prefix: string; readonly listener: RequestListener }[] = [];

  const takeTrouble = (method: string): Trouble | undefined => {
    const found = troubles.find((each) => each.method === method && each.left > 0);
    if (found !== undefined) found.left -= 1;
    return found?.trouble;
  };
  const run = ({ object, method, args }: ReceivedCall): Promise<VimValue | undefined> | VimValue | undefined => {
    if (method === 'Login' && (args['userName'] !== user || args['password'] !== password))
      throw new VimServerFault('InvalidLogin', 'Cannot complete login due to an incorrect user name or password.');
    const served = model.get(object);
    const name = `${object.type}.${method}`;
    const handler = slowMethods[name] ?? methods[name] ?? methods[`*.${method}`];
    if (handler === undefined)
      throw new VimServerFault('MethodNotFound', `${object.type}:${object.value} does not implement: ${method}`, {
        receiver: object,
        method,
      });
    return handler({ object: served, args, model, server }) ?? undefined;
  };

  const listener: RequestListener = (request, response) => {
    const path = request.url ?? '/';
    const file = files.find(({ prefix }) => path.startsWith(prefix));
    if (file !== undefined) file.listener(request, response);
    else void answer(request, response);
  };
  const http = identity === undefined ? createServer(listener) : createTlsServer(identity, listener);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const received = await receive(request);
    if (received === undefined)
      return void response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found');
    if (typeof received === 'string') return void response.writeHead(200, { 'content-type': 'text/xml' }).end(received);
    const { wire, method, object } = received;
    calls.push(`${wire} ${object.type}.${method}`);
    const trouble = takeTrouble(method);
    if (trouble !== undefined && 'breaks' in trouble && trouble.breaks === 'before')
      return void request.socket.destroy();
    if (trouble !== undefined && 'status' in trouble) return void response.writeHead(trouble.status).end('trouble');
    if (trouble !== undefined && 'meanwhile' in trouble) trouble.meanwhile();
    const outcome = await settleLater(async () => {
      if (trouble !== undefined && 'fault' in trouble) throw trouble.fault;
      if (!open.includes(method) && !sessions.has(received.session ?? ''))
        throw new VimServerFault('NotAuthenticated', 'The session is not authenticated.', {
          object,
          privilegeId: 'System.View',
        });
      return run(received);
    });
    if (trouble !== undefined && 'breaks' in trouble) return void request.socket.destroy();
    const session = method === 'Login' && !('fault' in outcome) ? randomUUID() : undefined;
    if (session !== undefined) sessions.add(session);
    if (method === 'Logout') sessions.delete(received.session ?? '');
    (wire === 'soap' ? writeSoap : writeJson)(response, { method, outcome, session });
  };
  const receive = async (request: IncomingMessage): Promise<ReceivedCall | string | undefined> => {
    const path = request.url ?? '/';
    if (path === '/sdk/vimServiceVersions.xml') return versions;
    if (path === '/sdk' || path === '/pbm') return readSoapCall(request);
    return server.hasViJson && path.startsWith('/sdk/vim25/') ? readJsonCall(request) : undefined;
  };

  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  // the one cast: a server that listens on a port has an address of this kind
  const { port } = http.address() as AddressInfo;
  const server: VimServer = {
    url: `${identity === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    model,
    calls,
    pageSize: 1_000,
    hasViJson: true,
    trouble: (method, trouble, times = 1) => void troubles.push({ method, trouble, left: times }),
    forgetSessions: () => sessions.clear(),
    serve: (prefix, listener) => void files.push({ prefix, listener }),
    async close() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
  return server;
}

const versions =
  '<?xml version="1.0" encoding="UTF-8"?><namespaces version="1.0"><namespace><name>urn:vim25</name><version>8.0.2.0</version><priorVersions><version>8.0.1.0</version></priorVersions></namespace></namespaces>';

/** What a method came to. */
export type Outcome = { readonly result: VimValue | undefined } | { readonly fault: VimServerFault };

function settle(run: () => VimValue | undefined): Outcome {
  try {
    return { result: run() };
  } catch (fault) {
    if (fault instanceof VimServerFault) return { fault };
    throw fault;
  }
}

async function settleLater(run: () => Promise<VimValue | undefined>): Promise<Outcome> {
  try {
    return { result: await run() };
  } catch (fault) {
    if (fault instanceof VimServerFault) return { fault };
    throw fault;
  }
}

/** The managers of a vCenter, and the methods that every server has. */
export const serviceMethods: Methods = {
  'ServiceInstance.RetrieveServiceContent': ({ object }) => object.properties['content'],
  'ServiceInstance.content': ({ object }) => object.properties['content'],
  'ServiceInstance.CurrentTime': () => new Date().toISOString(),
  'SessionManager.Login': ({ args }) => ({ _typeName: 'UserSession', key: randomUUID(), userName: args['userName'] }),
  'SessionManager.Logout': () => undefined,
};

/** A task that has ended: with a result, or as the fault says. */
export function endedTask({ model }: Pick<MethodCall, 'model'>, run: () => VimValue | undefined): ManagedObject {
  const outcome = settle(run);
  const info: VimObject =
    'fault' in outcome
      ? { _typeName: 'TaskInfo', state: 'error', error: localized(outcome.fault) }
      : {
          _typeName: 'TaskInfo',
          state: 'success',
          ...(outcome.result === undefined ? {} : { result: outcome.result }),
        };
  return model.add('Task', model.nextId('task'), { info }).ref;
}

/** A fault inside a result. */
export const localized = ({ type, message, detail }: VimServerFault): VimObject => ({
  _typeName: 'LocalizedMethodFault',
  fault: { _typeName: type, ...detail },
  localizedMessage: message,
});
