import { SessionError } from '@ovfkit/domain';
import { elementsOf, PackageError, readXml, textOf, writeXml, type XmlElement } from '@ovfkit/package-format';
import type { ReceivedFault } from './fault.ts';
import type { VimCall } from './vim-client.ts';
import { fieldsToXml, typeNameOf, valueFromXml, valueToXml, vimElement } from './vim-xml.ts';

// A sample, an answer and a fault:
//   <soapenv:Envelope xmlns:soapenv="…"><soapenv:Body>
//     <CurrentTimeResponse xmlns="urn:vim25"><returnval>2026-11-21T18:23:17Z</returnval></CurrentTimeResponse>
//   </soapenv:Body></soapenv:Envelope>
//
//   <soapenv:Body><soapenv:Fault>
//     <faultcode>ServerFaultCode</faultcode><faultstring>The session is not authenticated.</faultstring>
//     <detail><NotAuthenticatedFault xmlns="urn:vim25" xsi:type="NotAuthenticated">…</NotAuthenticatedFault></detail>
//   </soapenv:Fault></soapenv:Body>

const soap = 'http://schemas.xmlsoap.org/soap/envelope/';
const namespaces = [
  { prefix: 'soapenv', namespace: soap },
  { prefix: 'xsd', namespace: 'http://www.w3.org/2001/XMLSchema' },
  { prefix: 'xsi', namespace: 'http://www.w3.org/2001/XMLSchema-instance' },
];

const soapElement = (name: string, children: readonly XmlElement[]): XmlElement => ({
  ...vimElement(name, { children }),
  prefix: 'soapenv',
  namespace: soap,
});

const inNamespace = (namespace: string, element: XmlElement): XmlElement => ({
  ...element,
  namespace,
  children: element.children.map((child) => (child.kind === 'element' ? inNamespace(namespace, child) : child)),
});

/** A call as a SOAP request. `cookie` goes into the header, where services beside vim25 look for the session. */
export function writeSoapCall(
  method: string,
  {
    object,
    args = {},
    namespace,
    cookie,
  }: VimCall & { readonly namespace: string; readonly cookie?: string | undefined },
): string {
  const target = vimElement('_this', {
    attributes: [{ prefix: '', namespace: '', name: 'type', value: object.type }],
    children: [{ kind: 'text', text: object.value }],
  });
  const call = inNamespace(namespace, vimElement(method, { children: [target, ...fieldsToXml(args)] }));
  const token = valueToXml('vcSessionCookie', cookie).map((element) => inNamespace('', element));
  const header = token.length === 0 ? [] : [soapElement('Header', token)];
  return writeXml({ ...soapElement('Envelope', [...header, soapElement('Body', [call])]), namespaces });
}

/** Far above an inventory of 100,000 objects, read in pages; far below what would exhaust a process. */
const limits = { depth: 100, elements: 2_000_000, attributes: 256, textSize: 64 * 1024 * 1024 };

/** What a SOAP answer holds: the elements of the result, or a fault. */
export type SoapAnswer = { readonly result: readonly XmlElement[] } | { readonly fault: ReceivedFault };

/**
 * Reads the answer to `method`.
 * @throws SessionError INTERNAL_SERVER_ERROR when it is no SOAP
 */
export function readSoapAnswer(body: Uint8Array, method: string): SoapAnswer {
  const content = elementsOf(readBody(body, method))[0];
  if (content?.name === 'Fault' && content.namespace === soap) return { fault: readFault(content) };
  if (content?.name !== `${method}Response`) throw noSoap(method);
  return { result: elementsOf(content).filter(({ name }) => name === 'returnval') };
}

function readBody(bytes: Uint8Array, method: string): XmlElement {
  try {
    const { root } = readXml(bytes, { limits });
    const body = elementsOf(root).find(({ name, namespace }) => name === 'Body' && namespace === soap);
    if (root.name === 'Envelope' && root.namespace === soap && body !== undefined) return body;
  } catch (error) {
    if (!(error instanceof PackageError)) throw error;
    throw noSoap(method, error);
  }
  throw noSoap(method);
}

const noSoap = (method: string, cause?: PackageError): SessionError =>
  new SessionError(
    'INTERNAL_SERVER_ERROR',
    `The answer to ${method} is not SOAP of vim25${cause === undefined ? '' : `: ${cause.message}`}.`,
    { cause },
  );

function readFault(fault: XmlElement): ReceivedFault {
  const child = (name: string) => elementsOf(fault).find((each) => each.name === name);
  const message = child('faultstring');
  const [detail] = elementsOf(child('detail') ?? fault);
  const isDetailed = child('detail') !== undefined && detail !== undefined;
  const value = isDetailed ? valueFromXml(detail) : {};
  return {
    // the element is named after the type with `Fault` behind it, and says the type itself when it is a derived one
    type: isDetailed ? (typeNameOf(detail) ?? detail.name.replace(/Fault$/, '')) : 'MethodFault',
    message: message === undefined ? '' : textOf(message),
    detail: typeof value === 'object' && !('length' in value) ? value : {},
  };
}
