import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import fc, { type Arbitrary } from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anyText, type KnownTexts, type Schema, valuesOf } from './support/json-values.ts';
import { needed, openScene, type Scene } from './support/scene.ts';

/** `FUZZ_RUNS=2000` for a long run. */
const runs = Number(process.env['FUZZ_RUNS'] ?? 12);

interface Answer {
  readonly status: number;
  readonly text: string;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });

function send(url: string, { method, path, headers = {}, body }: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
    const { hostname, port } = new URL(url);
    const sent = request({ hostname, port, path, method, agent, headers: { ...headers, ...length } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema: Schema;
}

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Schema };
}

// a lone surrogate cannot be written in a URL
const encoded = (value: string): string => encodeURIComponent(Buffer.from(value).toString());

/** Calls of one operation, by what the document says of it. */
function callsOf(document: Document, each: Listed, texts: KnownTexts): Arbitrary<Call> {
  const { parameters = [], requestBody } = each.operation;
  const filled = fc.record(
    Object.fromEntries(parameters.map(({ name }) => [name, anyText(texts, name.replace('filter.', ''))])),
  );
  const asked = fc.subarray(parameters.filter((parameter) => parameter.in === 'query'));
  const schema = requestBody?.content['application/json']?.schema;
  const options = { components: document.components.schemas, texts };
  const bodies =
    schema === undefined
      ? fc.constant(undefined)
      : fc.oneof(
          { weight: 8, arbitrary: valuesOf(schema, options).map((value) => JSON.stringify(value)) },
          { weight: 8, arbitrary: nearlyGood(each, schema, options) },
          fc.constantFrom('', '{', '[[[[', 'null', '"text"', '{"a":1}{'),
        );
  return fc.tuple(filled, asked, bodies).map(([values, query, body]) => {
    const path = each.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      /importSession.tryInstantiate/.test(each.operation.operationId) ? asking : encoded(values[name] ?? ''),
    );
    const search = query.map(({ name }) => `${encoded(name)}=${encoded(values[name] ?? '')}`).join('&');
    const joint = path.includes('?') ? '&' : '?';
    return { method: each.method, path: search === '' ? path : `${path}${joint}${search}`, body };
  });
}

/** A body that is taken, but for one field or none. */
function nearlyGood({ operation }: Listed, schema: Schema, options: Parameters<typeof valuesOf>[1]): Arbitrary<string> {
  const base = good.get(operation.operationId.replace(/^(rest|api)\./, '')) ?? {};
  const changes = valuesOf(schema, options).chain((value) => {
    const fields = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    return fc.subarray(fields, { maxLength: Math.min(1, fields.length) });
  });
  return changes.map((fields) => JSON.stringify({ ...base, ...Object.fromEntries(fields) }));
}

interface Listed {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

let scene: Scene;
let document: Document;
let asking: string;
const known = new Map<string, readonly string[]>();

/** Takes every text of an answer under the name of its field, those of newly made things under `id`. */
function learn(value: unknown, field = 'id'): void {
  if (typeof value === 'string') known.set(field, [...new Set([value, ...(known.get(field) ?? [])])].slice(0, 12));
  else if (Array.isArray(value)) for (const each of value) learn(each, field);
  else if (typeof value === 'object' && value !== null)
    for (const [name, each] of Object.entries(value)) learn(each, name === 'value' ? field : name);
}

/** Bodies that are taken, by operation: a random one of many fields never is. */
const good = new Map<string, Record<string, unknown>>();

beforeAll(async () => {
  scene = await openScene();
  const ended = await scene.ovfkit(['import', scene.appliance.folder, '--to', 'lab', ...needed]);
  if (ended.exitCode !== 0) throw new Error(ended.stderr);
  document = JSON.parse((await send(scene.service.url, { method: 'GET', path: '/openapi.json' })).text);
  const createSpec = { source_type: 'PUSH_SOURCE', push_source_content_type: 'OVF_SOURCE', import_flags: [] };
  const [vm] = await (await scene.rest()).listVms();
  good.set('importSession.createForResourcePool', { create_spec: createSpec });
  good.set('probeImportSession.createProbeImportSession', { create_spec: createSpec });
  good.set('importSession.tryInstantiate', { instantiation_parameters: [] });
  good.set('exportSession.create', {
    source: { vm_id: vm?.vm },
    create_spec: { target_type: 'DOWNLOAD_TARGET', target_content_type: 'OVF_TARGET', name: 'app' },
  });
  const descriptor = await readFile(join(scene.appliance.folder, 'sample.ovf'), 'utf8');
  asking = await sessionThatAsks(descriptor);
  known.set('ovf_descriptor', [descriptor]);
});
afterAll(() => scene.close());

const header = 'vmware-api-session-id';

interface SessionFile {
  readonly name: string;
  readonly file_type: string;
  readonly file_url: string;
}

/** An import session that has its descriptor and message bundles, and waits for parameters. */
async function sessionThatAsks(descriptor: string): Promise<string> {
  const id = await (await scene.rest()).createPushSession();
  const headers = { [header]: await login() };
  const path = `/rest/com/vmware/vcenter/ovf/import-session/id:${id}`;
  const textOf = (name: string) =>
    name === 'descriptor.ovf' ? descriptor : readFile(join(scene.appliance.folder, name), 'utf8');
  for (;;) {
    const { text } = await send(scene.service.url, { method: 'GET', path, headers });
    const { value }: { value: { state: string; files: readonly SessionFile[] } } = JSON.parse(text);
    if (value.state === 'IMPORT_SELECTING_OVF_PARAMS') return id;
    for (const file of value.files.filter(({ file_type }) => ['OVF', 'MSG_BUNDLE'].includes(file_type))) {
      const body = await textOf(file.name);
      await send(scene.service.url, { method: 'PUT', path: new URL(file.file_url).pathname, body });
    }
  }
}

async function login(): Promise<string> {
  const { user, password, url } = scene.service;
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const { text } = await send(url, { method: 'POST', path: '/api/session', headers: { authorization } });
  return JSON.parse(text);
}

test('no call that can be made of the document makes the service fail', { timeout: 600_000 }, async () => {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  expect(operations.length).toBeGreaterThan(80);
  const answered = new Set<string>();
  // what one call names is what the next is asked about
  for (const each of operations.toSorted((a, b) => rank(a) - rank(b))) {
    const token = await login();
    const call = async (one: Call) => {
      const answer = await send(scene.service.url, { ...one, headers: { [header]: token } });
      const told = `${one.method} ${one.path}\n${one.body}\n${answer.status} ${answer.text}`;
      expect(answer.text, told).not.toMatch(/INTERNAL_SERVER_ERROR|internal_server_error/);
      expect(answer.status, told).toBeGreaterThanOrEqual(200);
      if (answer.status >= 300) return;
      answered.add(each.operation.operationId);
      if (answer.text !== '' && !each.path.startsWith('/openapi')) learn(JSON.parse(answer.text));
    };
    if (each.method === 'GET' && !each.path.includes('{capability}')) await call({ method: 'GET', path: each.path });
    await fc.assert(fc.asyncProperty(callsOf(document, each, known), call), { numRuns: runs });
  }
  // more than refusals were seen: things were found, made, asked and deleted
  for (const id of ['rest.vm.get', 'rest.importSession.createForResourcePool', 'rest.importSession.tryInstantiate'])
    expect(answered).toContain(id);
  expect((await send(scene.service.url, { method: 'GET', path: '/health' })).status).toBe(200);
});

/** Lists, then each service from making to deleting. */
function rank({ path, method, operation }: Listed): number {
  if (method === 'GET' && !path.includes('{')) return 0;
  const service = 10 * (1 + Math.max(0, services.indexOf(operation.tags[0] ?? '')));
  if (method === 'DELETE') return service + 3;
  if (/create/i.test(operation.operationId)) return service;
  return service + (method === 'GET' ? 1 : 2);
}

const services = ['export_session', 'probe_import_session', 'import_session'];
