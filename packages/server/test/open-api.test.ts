import { expect, test } from 'vitest';
import { send } from './support/http.ts';
import { startService } from './support/service.ts';

const service = await startService({ version: '1.2.3' });
const document = await send({ url: `${service.url}/openapi.json` });
const page = await send({ url: `${service.url}/` });

const operations = Object.entries<Record<string, unknown>>(document.json.paths).flatMap(([path, methods]) =>
  Object.keys(methods).map((method) => [method.toUpperCase(), path] as const),
);

test('the document names its version and is served without a token', () => {
  expect(document.status).toBe(200);
  expect(document.json.openapi).toBe('3.1.1');
  expect(document.json.info.version).toBe('1.2.3');
});

test.each(operations)('%s %s of the document is served', async (method, path) => {
  const url = service.url + path.replaceAll(/\{\w+\}/g, 'x-1');
  const answer = await send({ url, method, headers: service.auth, ...(method === 'POST' ? { body: '{}' } : {}) });
  expect(answer.body.toString()).not.toContain('OPERATION_NOT_FOUND');
  expect(answer.status).not.toBe(405);
});

test('the page shows every path and structure, and may run nothing', () => {
  const text = page.body.toString();
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  expect(text).not.toContain('<script');
  for (const [, path] of operations) expect(text).toContain(`<code>${path}</code>`);
  const links = [...text.matchAll(/href="#([^"]+)"/g)].map((found) => found[1]);
  expect(links.length).toBeGreaterThan(100);
  expect(links.filter((id) => !text.includes(`id="${id}"`))).toStrictEqual([]);
});
