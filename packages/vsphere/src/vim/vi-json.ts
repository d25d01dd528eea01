import { SessionError } from '@ovfkit/domain';
import type { WireClient, WireClientAnswer } from '@ovfkit/rest';
import { parseExact, writeExact } from './exact-json.ts';
import { faultError, type ReceivedFault } from './fault.ts';
import { serviceContent, serviceInstance } from './service-content.ts';
import { refusal } from './soap.ts';
import type { Transport } from './transport.ts';
import type { ServiceContent, VimCall, VimMethod } from './vim-client.ts';
import { boxed } from './vim-shape.ts';
import type { ManagedObject, VimObject } from './vim-value.ts';

// A sample:
//   POST /sdk/vim25/8.0.2.0/Folder/group-v3/CreateFolder {"name":"a"}
//   200 {"_typeName":"ManagedObjectReference","type":"Folder","value":"group-v9"}
//   500 {"_typeName":"DuplicateName","faultstring":"The name 'a' already exists.","name":"a","object":{…}}

const sessionHeader = 'vmware-api-session-id';

interface ViJsonOptions {
  readonly wire: WireClient;
  /** Of the release: `https://vc.example.com/sdk/vim25/8.0.2.0`. */
  readonly base: URL;
}

/** vim25 in JSON: vCenter since 8.0 U1. The session is a header. */
export function createViJsonTransport({ wire, base }: ViJsonOptions): Transport {
  let session: string | undefined;
  const request = async (what: {
    readonly method: 'GET' | 'POST';
    readonly path: string;
    readonly body?: VimObject;
    readonly signal: AbortSignal | undefined;
  }): Promise<WireClientAnswer> => {
    const answer = await wire.send({
      method: what.method,
      url: `${base.href}/${what.path}`,
      headers: {
        accept: 'application/json',
        ...(what.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(session === undefined ? {} : { [sessionHeader]: session }),
      },
      ...(what.body === undefined ? {} : { body: writeExact(what.body) }),
      signal: what.signal,
    });
    session = answer.headers[sessionHeader] ?? session;
    return answer;
  };
  return {
    name: 'vi-json',
    async serviceContent(signal): Promise<ServiceContent> {
      const answer = await request({ method: 'GET', path: `${pathOf(serviceInstance)}/content`, signal });
      return serviceContent.fromJson(readAnswer(answer, { base, name: 'content' }), 'content');
    },
    async send<Result>({ name, result }: VimMethod<Result>, { object, args = {}, signal }: VimCall): Promise<Result> {
      const answer = await request({ method: 'POST', path: `${pathOf(object)}/${name}`, body: args, signal });
      // a result that is a list or a plain value comes wrapped, as in a place for any type
      return boxed(result).fromJson(readAnswer(answer, { base, name }), name);
    },
  };
}

/** Identifiers of leases hold brackets and more. */
const pathOf = ({ type, value }: ManagedObject): string => `${encodeURIComponent(type)}/${encodeURIComponent(value)}`;

function readAnswer(
  { status, body }: WireClientAnswer,
  { base, name }: { readonly base: URL; readonly name: string },
): unknown {
  if (status === 204) return undefined;
  const value = parseExact(new TextDecoder().decode(body));
  if (status === 200 && value !== undefined) return value;
  const fault = readFault(value);
  if (fault !== undefined) throw faultError(fault, name);
  // what stands before the service refuses a session that it does not know by itself
  if (status === 401) throw faultError({ type: 'NotAuthenticated', message: '', detail: {} }, name);
  if (status !== 200) throw refusal(status, base);
  throw new SessionError('INTERNAL_SERVER_ERROR', `The answer to ${name} is not JSON of vim25.`);
}

function readFault(value: unknown): ReceivedFault | undefined {
  if (typeof value !== 'object' || value === null || !('_typeName' in value)) return undefined;
  const { _typeName: type, faultstring, faultMessage: _, faultCause: __, ...detail } = value as VimObject; // it was JSON
  if (typeof type !== 'string') return undefined;
  return { type, message: typeof faultstring === 'string' ? faultstring : '', detail };
}
