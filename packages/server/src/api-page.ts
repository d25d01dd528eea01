import type { JsonSchema, OpenApiDocument, OpenApiOperation } from '@ovfkit/domain/wire';

/** The page runs nothing and loads nothing. */
export const pagePolicy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const style = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); --dim: color-mix(in srgb, currentColor 62%, transparent); }
* { box-sizing: border-box }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; display: grid; grid-template-columns: 16rem minmax(0, 1fr) }
nav { position: sticky; top: 0; height: 100vh; overflow: hidden auto; overflow-wrap: anywhere; padding: 1.5rem 1rem; border-right: 1px solid var(--line) }
nav a { display: block; padding: .1rem 0; color: inherit; text-decoration: none } nav a:hover { text-decoration: underline }
nav h2 { font-size: .8rem; text-transform: uppercase; letter-spacing: .06em; color: var(--dim); margin: 1.2rem 0 .3rem }
main { padding: 1.5rem 2rem 6rem; max-width: 64rem }
h1 { margin: 0 } h2 { margin: 2.5rem 0 .5rem } h3 { margin: 0; font-size: 1rem } h4 { margin: 1rem 0 .2rem; font-size: .85rem; color: var(--dim) }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; padding: .5rem .8rem }
summary { cursor: pointer; display: flex; gap: .6rem; align-items: baseline; flex-wrap: wrap }
code { font: .86em/1.5 ui-monospace, monospace; overflow-wrap: anywhere }
b.method { font: 700 .75rem ui-monospace, monospace; padding: .1rem .45rem; border-radius: .3rem; color: #fff; background: #57606a }
b.get, b.head { background: #0969da } b.post { background: #1a7f37 } b.put, b.patch { background: #9a6700 } b.delete { background: #cf222e }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0; border-top: 1px solid var(--line) }
.dim { color: var(--dim) }
@media (max-width: 50rem) { body { display: block } nav { position: static; height: auto; border: 0 } main { padding: 1rem } }
`;

const escapes = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
]);
const html = (value: unknown): string => String(value).replaceAll(/[&<>"]/g, (found) => escapes.get(found) ?? found);
const code = (value: unknown): string => `<code>${html(value)}</code>`;

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const schemaIn = (schema: JsonSchema, keyword: string): JsonSchema | undefined => {
  const value = schema[keyword];
  return isSchema(value) ? value : undefined;
};
const listIn = (schema: JsonSchema, keyword: string): readonly unknown[] => {
  const value = schema[keyword];
  return Array.isArray(value) ? value : [];
};

/** `rest.ImportInfo` is told as `ImportInfo`: the dialects differ in how maps are written only. */
const shortName = (component: string): string => component.replace(/^(rest|api)\./, '');

/** A type as a reader of code writes it, with links to the structures. */
function typeOf(schema: JsonSchema): string {
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    const name = shortName(reference.slice(reference.lastIndexOf('/') + 1));
    return `<a href="#${html(name)}">${code(name)}</a>`;
  }
  const items = schemaIn(schema, 'items');
  if (items) return `list of ${typeOf(items)}`;
  const values = schemaIn(schema, 'additionalProperties');
  if (values) return `map to ${typeOf(values)}`;
  const options = listIn(schema, 'anyOf').filter(isSchema);
  if (options.length > 0) return options.map(typeOf).join(' or ');
  const names = listIn(schema, 'enum');
  if (names.length > 0) return names.map(code).join(', ');
  return code('const' in schema ? schema['const'] : (schema['format'] ?? schema['type'] ?? 'any'));
}

function fieldTable(schema: JsonSchema): string {
  const required = listIn(schema, 'required');
  const rows = Object.entries(schemaIn(schema, 'properties') ?? {}).map(([name, each]) => {
    const mark = required.includes(name) ? '' : ' <span class="dim">optional</span>';
    return `<tr><td>${code(name)}${mark}</td><td>${typeOf(isSchema(each) ? each : {})}</td></tr>`;
  });
  return rows.length === 0 ? `<p>${typeOf(schema)}</p>` : `<table>${rows.join('')}</table>`;
}

/** The schema of a body, of whatever media type. */
function bodySchema(holder: JsonSchema | undefined): JsonSchema | undefined {
  const [media] = Object.values(holder === undefined ? {} : (schemaIn(holder, 'content') ?? {}));
  return isSchema(media) ? schemaIn(media, 'schema') : undefined;
}

interface Listed {
  readonly method: string;
  readonly paths: readonly string[];
  readonly operation: OpenApiOperation;
}

/** One entry an operation: its two dialects share one. */
function listed({ paths }: OpenApiDocument): readonly Listed[] {
  const entries = new Map<string, Listed>();
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const id = shortName(operation.operationId);
      const known = entries.get(id);
      entries.set(id, known ? { ...known, paths: [...known.paths, path] } : { method, paths: [path], operation });
    }
  }
  return [...entries.values()];
}

function card({ method, paths, operation }: Listed): string {
  const parameters = (operation.parameters ?? []).map(
    ({ name, in: place, required, schema }) =>
      `<tr><td>${code(name)}${required === true ? '' : ' <span class="dim">optional</span>'}</td><td>${html(place)}</td><td>${typeOf(isSchema(schema) ? schema : {})}</td></tr>`,
  );
  const body = bodySchema(operation.requestBody);
  const answers = Object.entries(operation.responses).map(([status, answer]) => {
    const schema = Number(status) < 300 ? bodySchema(answer) : undefined;
    const what = schema === undefined ? '' : typeOf(schemaIn(schemaIn(schema, 'properties') ?? {}, 'value') ?? schema);
    return `<tr><td>${code(status)}</td><td>${html(answer['description'])} ${what}</td></tr>`;
  });
  return [
    `<details><summary><b class="method ${html(method)}">${html(method.toUpperCase())}</b><h3>${html(operation.summary)}</h3><span class="dim">${html(operation.description)}</span></summary>`,
    ...paths.map((path) => `<div>${code(path)}</div>`),
    parameters.length === 0 ? '' : `<h4>Parameters</h4><table>${parameters.join('')}</table>`,
    body === undefined ? '' : `<h4>Body</h4>${fieldTable(body)}`,
    `<h4>Answers</h4><table>${answers.join('')}</table></details>`,
  ].join('');
}

/** The document as one page of HTML, without scripts. */
export function apiPage(document: OpenApiDocument): string {
  const { title, version, description } = document.info;
  const operations = listed(document);
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags))];
  const structures = Object.entries(document.components['schemas'] ?? {}).filter(([name]) => name.startsWith('rest.'));
  const link = (name: string) => `<a href="#${html(name)}">${html(name)}</a>`;
  return [
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">`,
    `<title>${html(title)}</title><style>${style}</style>`,
    `<nav><h2>Services</h2>${tags.map(link).join('')}<h2>Structures</h2>${structures.map(([name]) => link(shortName(name))).join('')}</nav>`,
    `<main><h1>${html(title)}</h1><p class="dim">${html(version)} · <a href="/openapi.json">openapi.json</a></p><p>${html(description)}</p>`,
    ...tags.map(
      (tag) =>
        `<h2 id="${html(tag)}">${html(tag)}</h2>${operations
          .filter(({ operation }) => operation.tags.includes(tag))
          .map(card)
          .join('')}`,
    ),
    `<h2>Structures</h2>`,
    ...structures.map(
      ([name, schema]) =>
        `<details open id="${html(shortName(name))}"><summary><h3>${html(shortName(name))}</h3></summary>${fieldTable(schema)}</details>`,
    ),
    `</main></html>`,
  ].join('\n');
}
