// Answers as a simulator that is not ours gave them, shortened: over SOAP as it speaks it, over VI JSON by the codec of its client.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import {
  connectVim,
  list,
  managedObject,
  nothing,
  object,
  reference,
  retrieveOne,
  text,
  whole,
} from '../../src/index.ts';
import { createImportSpec } from '../../src/vim/ovf-manager.ts';

interface Exchange {
  readonly request: string;
  /** What has to be sent; anything when absent. */
  readonly body?: unknown;
  readonly status: number;
  readonly session?: string;
  readonly answer?: unknown;
}

type Answering = (
  request: IncomingMessage,
  sent: string,
) => { status: number; headers?: OutgoingHttpHeaders; body?: string };

/** A server that answers as `answer` says. */
async function listen(answer: Answering): Promise<string> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { status, headers = {}, body } = answer(request, Buffer.concat(parts).toString());
      response.writeHead(status, headers).end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // a server that listens on a port has one
  return `http://127.0.0.1:${port}`;
}

const soapContent = `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/" xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><RetrieveServiceContentResponse xmlns="urn:vim25"><returnval><rootFolder type="Folder">group-d1</rootFolder><propertyCollector type="PropertyCollector">propertyCollector</propertyCollector><viewManager type="ViewManager">ViewManager</viewManager><about><name>VMware vCenter Server</name><fullName>VMware vCenter Server 6.5.0 build-5973321 (govmomi simulator)</fullName><vendor>VMware, Inc.</vendor><version>6.5.0</version><build>5973321</build><apiType>VirtualCenter</apiType><apiVersion>8.0.2.0</apiVersion></about><setting type="OptionManager">VpxSettings</setting><sessionManager type="SessionManager">SessionManager</sessionManager></returnval></RetrieveServiceContentResponse></soapenv:Body></soapenv:Envelope>`;

/** The prefix of the type's attribute is the simulator's own idea. */
const soapProperties = `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><RetrievePropertiesExResponse xmlns="urn:vim25"><returnval><objects><obj type="Folder">group-3</obj><propSet><name>name</name><val xmlns:_XMLSchema-instance="http://www.w3.org/2001/XMLSchema-instance" _XMLSchema-instance:type="xsd:string">host</val></propSet><propSet><name>childType</name><val xmlns:_XMLSchema-instance="http://www.w3.org/2001/XMLSchema-instance" _XMLSchema-instance:type="ArrayOfString"><string>ComputeResource</string><string>Folder</string></val></propSet><propSet><name>parent</name><val type="Datacenter" xmlns:_XMLSchema-instance="http://www.w3.org/2001/XMLSchema-instance" _XMLSchema-instance:type="ManagedObjectReference">datacenter-1</val></propSet></objects></returnval></RetrievePropertiesExResponse></soapenv:Body></soapenv:Envelope>`;

test('what a simulator says in VI JSON during an import is read, and what it wants is sent', async () => {
  const path = new URL('../fixtures/vi-json-import.json', import.meta.url);
  const exchanges: readonly Exchange[] = JSON.parse(await readFile(path, 'utf8'));
  const unexpected: unknown[] = [];
  const url = await listen((request, sent) => {
    if (request.url === '/sdk') return { status: 200, body: soapContent };
    const line = `${request.method} ${(request.url ?? '').replace('/sdk/vim25/8.0.2.0', '')}`;
    const exchange = exchanges.find((each) => each.request === line);
    if (exchange === undefined) return { status: 404 };
    const { body, status, session, answer } = exchange;
    if (body !== undefined && sent !== JSON.stringify(body)) unexpected.push([line, sent]);
    const isOpen = /content|Login$/.test(line) || request.headers['vmware-api-session-id'] === 'f00d';
    if (!isOpen) unexpected.push([line, 'without the session']);
    const headers = session === undefined ? {} : { 'Vmware-Api-Session-Id': session };
    if (answer === undefined) return { status, headers };
    return { status, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(answer) };
  });
  const vim = await connectVim({ url, user: 'user', password: 'pass' });
  expect(vim.transport).toBe('vi-json');

  const pool = managedObject('ResourcePool', 'resgroup-27');
  const { spec, files } = await createImportSpec(vim, {
    descriptor: '<Envelope/>',
    resourcePool: pool,
    datastore: managedObject('Datastore', 'datastore-59'),
    params: { _typeName: 'OvfCreateImportSpecParams', locale: 'US', deploymentOption: '' },
  });
  const made = exchanges.find(({ request }) => request.endsWith('/CreateImportSpec'));
  expect(made?.answer).toMatchObject({ importSpec: spec });
  expect(spec).toMatchObject({ configSpec: { deviceChange: [{ device: { key: -201, device: [-618_743_536] } }] } });
  expect(files).toMatchObject([{ deviceId: '/sample/disk:0', size: 4_292_608, cimType: 17, create: false }]);
  const lease = await vim.call(
    { name: 'ImportVApp', result: reference, isRepeatable: false },
    { object: pool, args: { spec } },
  );
  expect(lease).toEqual(managedObject('HttpNfcLease', 'session[a1]b2'));
  const properties = { state: text, childType: list(text), parent: reference };
  expect(await retrieveOne(vim, { object: lease, properties })).toEqual({
    state: 'ready',
    childType: ['ComputeResource', 'Folder'],
    parent: managedObject('Folder', 'group-d1'),
  });
  const method = { result: nothing, isRepeatable: false };
  await vim.call({ ...method, name: 'HttpNfcLeaseProgress' }, { object: lease, args: { percent: 100 } });
  const entry = object('HttpNfcLeaseManifestEntry', { key: text, size: whole });
  expect(
    await vim.call({ ...method, name: 'HttpNfcLeaseGetManifest', result: list(entry) }, { object: lease }),
  ).toEqual([{ _typeName: 'HttpNfcLeaseManifestEntry', key: '/vm-129/disk:0', size: 4_292_608 }]);
  await expect(vim.call({ ...method, name: 'HttpNfcLeaseComplete' }, { object: lease })).rejects.toMatchObject({
    kind: 'NOT_FOUND',
    data: { fault: 'ManagedObjectNotFound', detail: { obj: lease } },
  });
  const ovfManager = managedObject('OvfManager', 'OvfManager');
  await expect(vim.call({ ...method, name: 'ParseDescriptor' }, { object: ovfManager })).rejects.toMatchObject({
    kind: 'INVALID_REQUEST',
    message: 'json: missing discriminator (InvalidRequest).',
  });
  await vim.close();
  expect(unexpected).toEqual([]);
});

test('what a simulator says in SOAP is read, whatever prefixes it makes up, and without its list of versions', async () => {
  const actions = new Set<unknown>();
  const url = await listen((request, sent) => {
    if (request.url !== '/sdk') return { status: 404, body: '404 page not found' };
    actions.add(request.headers['soapaction']);
    if (sent.includes('<RetrieveServiceContent')) return { status: 200, body: soapContent };
    if (sent.includes('<RetrievePropertiesEx')) return { status: 200, body: soapProperties };
    const method = sent.includes('<Login') ? 'Login' : 'Logout';
    const body = soapProperties.replace(
      /<RetrievePropertiesExResponse.*<\/RetrievePropertiesExResponse>/,
      `<${method}Response xmlns="urn:vim25"/>`,
    );
    return { status: 200, headers: { 'set-cookie': 'vmware_soap_session=57c7; HttpOnly' }, body };
  });
  const vim = await connectVim({ url, user: 'user', password: 'pass' });
  expect(vim.transport).toBe('soap'); // it says 8.0.2.0, and has no VI JSON
  const properties = { name: text, childType: list(text), parent: reference };
  expect(await retrieveOne(vim, { object: managedObject('Folder', 'group-3'), properties })).toEqual({
    name: 'host',
    childType: ['ComputeResource', 'Folder'],
    parent: managedObject('Datacenter', 'datacenter-1'),
  });
  await vim.close();
  expect([...actions]).toEqual(['urn:vim25/5.5']);
});
