import type { IncomingMessage, ServerResponse } from 'node:http';
import { elementsOf, readXml, textOf, writeXml, type XmlElement } from '@ovfkit/package-format';
import { parseExact, writeExact } from '../../../src/vim/exact-json.ts';
import { type ManagedObject, managedObject, type VimObject, type VimValue } from '../../../src/vim/vim-value.ts';
import { valueFromXml, valueToXml, vimElement } from '../../../src/vim/vim-xml.ts';
import { box, isObject } from './model.ts';
import type { Outcome } from './vim-server.ts';

/** A call, from whichever wire. */
export interface ReceivedCall {
  readonly wire: 'soap' | 'json';
  readonly object: ManagedObject;
  readonly method: string;
  readonly args: VimObject;
  readonly session: string | undefined;
}

const soap = 'http://schemas.xmlsoap.org/soap/envelope/';

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

/** Strict where vSphere is: what is no envelope of one call is refused. */
export async function readSoapCall(request: IncomingMessage): Promise<ReceivedCall> {
  const { root } = readXml(await bodyOf(request));
  const body = elementsOf(root).find(({ name, namespace }) => name === 'Body' && namespace === soap);
  const [call] = body === undefined ? [] : elementsOf(body);
  const [self, ...params] = call === undefined ? [] : elementsOf(call);
  if (
    call === undefined ||
    self === undefined ||
    self.name !== '_this' ||
    !['urn:vim25', 'urn:pbm'].includes(call.namespace)
  )
    throw new Error('a SOAP request without a call');
  const args = valueFromXml({ ...call, attributes: [], children: params });
  const header = elementsOf(root).find(({ name, namespace }) => name === 'Header' && namespace === soap);
  return {
    wire: 'soap',
    object: managedObject(self.attributes.find(({ name }) => name === 'type')?.value ?? '', textOf(self)),
    method: call.name,
    args: isObject(args) ? args : {},
    // services beside vim25 look for it in the header of the envelope
    session:
      call.namespace === 'urn:pbm'
        ? header && textOf(header)
        : /vmware_soap_session="?([^";]+)/.exec(request.headers.cookie ?? '')?.[1],
  };
}

export async function readJsonCall(request: IncomingMessage): Promise<ReceivedCall | undefined> {
  const text = await bodyOf(request);
  const [, , , , type = '', value = '', method = ''] = (request.url ?? '').split('/').map(decodeURIComponent);
  const args = parseExact(text === '' ? '{}' : text);
  const header = request.headers['vmware-api-session-id'];
  return {
    wire: 'json',
    object: managedObject(type, value),
    method,
    args: (args ?? {}) as VimObject, // it was JSON
    session: typeof header === 'string' ? header : undefined,
  };
}

interface Answer {
  readonly method: string;
  readonly outcome: Outcome;
  readonly session: string | undefined;
}

const soapElement = (name: string, children: readonly XmlElement[]): XmlElement => ({
  ...vimElement(name, { children }),
  prefix: 'soapenv',
  namespace: soap,
});
const plain = (name: string, text: string): XmlElement => ({
  ...vimElement(name, { children: [{ kind: 'text', text }] }),
  namespace: '',
});

export function writeSoap(response: ServerResponse, { method, outcome, session }: Answer): void {
  const content =
    'fault' in outcome
      ? soapElement('Fault', [
          plain('faultcode', 'ServerFaultCode'),
          plain('faultstring', outcome.fault.message),
          { ...vimElement('detail', { children: faultDetail(outcome.fault) }), namespace: '' },
        ])
      : vimElement(`${method}Response`, { children: valueToXml('returnval', outcome.result) });
  const namespaces = [
    { prefix: 'soapenv', namespace: soap },
    { prefix: 'xsd', namespace: 'http://www.w3.org/2001/XMLSchema' },
    { prefix: 'xsi', namespace: 'http://www.w3.org/2001/XMLSchema-instance' },
  ];
  response.writeHead('fault' in outcome ? 500 : 200, {
    'content-type': 'text/xml; charset=utf-8',
    ...(session === undefined ? {} : { 'set-cookie': `vmware_soap_session="${session}"; Path=/; HttpOnly; Secure;` }),
  });
  response.end(writeXml({ ...soapElement('Envelope', [soapElement('Body', [content])]), namespaces }));
}

const faultDetail = ({ type, detail }: { readonly type: string; readonly detail: VimObject }): readonly XmlElement[] =>
  valueToXml(`${type}Fault`, { _typeName: type, ...detail });

export function writeJson(response: ServerResponse, { outcome, session }: Answer): void {
  const body: VimValue | undefined =
    'fault' in outcome
      ? { _typeName: outcome.fault.type, ...outcome.fault.detail, faultstring: outcome.fault.message }
      : outcome.result && box(outcome.result);
  response.writeHead('fault' in outcome ? 500 : body === undefined ? 204 : 200, {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(session === undefined ? {} : { 'vmware-api-session-id': session }),
  });
  response.end(body === undefined ? undefined : writeExact(body));
}
