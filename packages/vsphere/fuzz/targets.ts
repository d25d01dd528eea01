import { SessionError } from '@ovfkit/domain';
import { parseExact } from '../src/vim/exact-json.ts';
import { serviceContent } from '../src/vim/service-content.ts';
import { readVersions } from '../src/vim/soap.ts';
import { readSoapAnswer } from '../src/vim/soap-envelope.ts';
import { anything, boxed, flag, list, object, optional, reference, text, whole } from '../src/vim/vim-shape.ts';
import { valueToXml } from '../src/vim/vim-xml.ts';

const isRefusal = (error: unknown): boolean => error instanceof SessionError;

/** A bit of everything that answers hold. */
const shape = object('Sample', {
  content: optional(serviceContent),
  name: optional(text),
  size: optional(whole),
  isOn: optional(flag),
  parent: optional(reference),
  names: boxed(list(text)),
  any: list(anything),
});

/** The readers of what a vCenter answers: by a SessionError they may refuse it, by nothing else. */
export const vimReaders = [
  {
    name: 'readSoapAnswer',
    kind: 'soap',
    isRefusal,
    run(bytes: Uint8Array): void {
      const answer = readSoapAnswer(bytes, 'Method');
      if ('fault' in answer) return;
      const { any } = shape.fromXml(answer.result, 'Method');
      valueToXml('any', any);
    },
  },
  {
    name: 'VI JSON',
    kind: 'vi-json',
    isRefusal,
    run: (bytes: Uint8Array) => shape.fromJson(parseExact(new TextDecoder().decode(bytes)), 'Method'),
  },
  { name: 'readVersions', kind: 'versions', isRefusal, run: (bytes: Uint8Array) => readVersions(bytes) },
] as const;

const envelope = (body: string): Uint8Array =>
  new TextEncoder().encode(
    `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`,
  );

const result = envelope(`<MethodResponse xmlns="urn:vim25"><returnval xsi:type="Sample">
  <name>a &amp; b</name><size>10737418240</size><isOn>true</isOn><parent type="Folder">group-v3</parent>
  <names xsi:type="ArrayOfString"><string>a</string><string>b</string></names>
  <any xsi:type="xsd:long">9223372036854775807</any><any xsi:type="ArrayOfManagedObjectReference">
    <ManagedObjectReference type="Datastore" xsi:type="ManagedObjectReference">datastore-1</ManagedObjectReference></any>
</returnval></MethodResponse>`);

const fault = envelope(`<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>It is there.</faultstring>
  <detail><DuplicateNameFault xmlns="urn:vim25" xsi:type="DuplicateName"><name>a</name><object type="Folder">group-v3</object>
  </DuplicateNameFault></detail></soapenv:Fault>`);

const json = {
  _typeName: 'Sample',
  name: 'a',
  size: 10_737_418_240,
  isOn: true,
  parent: { _typeName: 'ManagedObjectReference', type: 'Folder', value: 'group-v3' },
  names: { _typeName: 'ArrayOfString', _value: ['a', 'b'] },
  any: [{ _typeName: 'string', _value: 'a' }],
};

const versions = `<?xml version="1.0"?><namespaces version="1.0"><namespace><name>urn:vim25</name><version>8.0.2.0</version>
  <priorVersions><version>8.0.1.0</version></priorVersions></namespace></namespaces>`;

/** Answers to start from. */
export const vimSeeds: ReadonlyMap<string, readonly Uint8Array[]> = new Map([
  ['soap', [result, fault]],
  ['vi-json', [new TextEncoder().encode(JSON.stringify(json))]],
  ['versions', [new TextEncoder().encode(versions)]],
]);
