import { SessionError } from '@ovfkit/domain';
import { elementsOf, PackageError, readXml, textOf } from '@ovfkit/package-format';
import type { WireClient, WireClientAnswer } from '@ovfkit/rest';
import { faultError } from './fault.ts';
import { retrieveServiceContent, serviceInstance } from './service-content.ts';
import { readSoapAnswer, writeSoapCall } from './soap-envelope.ts';
import type { Transport } from './transport.ts';
import type { VimCall, VimMethod } from './vim-client.ts';
import { vimNamespace } from './vim-xml.ts';

/** The oldest interface that has all we call. */
const oldestVersion = '5.5';

interface SoapOptions {
  readonly wire: WireClient;
  /** Of the endpoint: `https://vc.example.com/sdk`. */
  readonly endpoint: URL;
  /** Of the interface that answers are to be in. */
  readonly version: string;
}

/** vim25 in SOAP: every vCenter and every ESXi. The session is a cookie. */
export function createSoapTransport({ wire, endpoint, version }: SoapOptions): Transport {
  let session: string | undefined;
  const vim25 = { endpoint, namespace: vimNamespace, action: `${vimNamespace}/${version}` };
  const pbm = { endpoint: new URL('/pbm', endpoint), namespace: 'urn:pbm', action: 'urn:pbm/2.0' };
  const send = async <Result>(method: VimMethod<Result>, call: VimCall): Promise<Result> => {
    const isOther = method.service !== undefined;
    const service = isOther ? pbm : vim25;
    const answer = await wire.send({
      method: 'POST',
      url: service.endpoint.href,
      headers: {
        'content-type': 'text/xml; charset=utf-8',
        soapaction: service.action,
        ...(session === undefined ? {} : { cookie: `${sessionCookie}=${session}` }),
      },
      body: writeSoapCall(method.name, {
        ...call,
        namespace: service.namespace,
        cookie: isOther ? session?.replaceAll('"', '') : undefined,
      }),
      signal: call.signal,
    });
    session = isOther ? session : (sessionOf(answer) ?? session);
    return readAnswer(answer, { endpoint: service.endpoint, method });
  };
  return {
    name: 'soap',
    serviceContent: (signal) => send(retrieveServiceContent, { object: serviceInstance, signal }),
    send,
  };
}

const sessionCookie = 'vmware_soap_session';

const sessionOf = ({ headers }: WireClientAnswer): string | undefined =>
  /vmware_soap_session=("[^"]*"|[^;,\s]*)/.exec(headers['set-cookie'] ?? '')?.[1];

function readAnswer<Result>(
  { status, body }: WireClientAnswer,
  { endpoint, method }: { readonly endpoint: URL; readonly method: VimMethod<Result> },
): Result {
  // a fault comes with 500, and what stands before the endpoint answers with a page of its own
  if (status !== 200 && status !== 500) throw refusal(status, endpoint);
  const answer = readSoapAnswer(body, method.name);
  if ('fault' in answer) throw faultError(answer.fault, method.name);
  return method.result.fromXml(answer.result, method.name);
}

/** An answer that is not vim25's, by its status. */
export function refusal(status: number, endpoint: URL): SessionError {
  if (status === 404 || status === 405)
    return new SessionError(
      'OPERATION_NOT_FOUND',
      `${endpoint.host} has no vim25 at ${endpoint.pathname} (status ${status}). Check that the URL is that of a vCenter or an ESXi host.`,
    );
  if (status === 502 || status === 503 || status === 504)
    return new SessionError(
      'SERVICE_UNAVAILABLE',
      `vSphere at ${endpoint.host} does not answer yet (status ${status}). It may be starting; try again later.`,
    );
  return new SessionError(
    'ERROR',
    `${endpoint.host} answered ${endpoint.pathname} with status ${status}, which vim25 does not know.`,
  );
}

/**
 * The newest version of vim25 that a server lists. A server without the list gets the oldest that we can work with.
 * @throws SessionError when it does not answer; the signal's reason
 */
export async function newestVersion(
  wire: WireClient,
  { endpoint, signal }: { readonly endpoint: URL; readonly signal: AbortSignal | undefined },
): Promise<string> {
  const { status, body } = await wire.send({
    method: 'GET',
    url: `${endpoint.href}/vimServiceVersions.xml`,
    headers: {},
    signal,
  });
  return status === 200 ? (readVersions(body) ?? oldestVersion) : oldestVersion;
}

// <namespaces version="1.0"><namespace><name>urn:vim25</name><version>8.0.2.0</version><priorVersions>…
/** The newest version of vim25 in the list of a server; nothing when there is none. */
export function readVersions(body: Uint8Array): string | undefined {
  try {
    const { root } = readXml(body);
    return elementsOf(root)
      .map((namespace) => {
        const field = (name: string) => elementsOf(namespace).find((each) => each.name === name);
        const [name, version] = [field('name'), field('version')];
        return name !== undefined && version !== undefined && textOf(name).trim() === 'urn:vim25'
          ? textOf(version).trim()
          : undefined;
      })
      .find((version) => version !== undefined);
  } catch (error) {
    if (error instanceof PackageError) return undefined;
    throw error;
  }
}
