import { type OpenApiDocument, type OpenApiOperation, type OpenApiPaths, openApiDocument } from '@ovfkit/domain/wire';
import type { FastifyInstance } from 'fastify';
import { apiPage, pagePolicy } from './api-page.ts';
import { transferPath } from './file-url.ts';

const text = (name: string, description: string) => ({
  name,
  in: 'header',
  required: false,
  description,
  schema: { type: 'string' },
});

const inPath = ['capability', 'name'].map((name) => ({
  name,
  in: 'path',
  required: true,
  schema: { type: 'string' },
}));

const bytes = { content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } };
const partialBytes = {
  required: true,
  content: { 'application/partial-upload': { schema: { type: 'string', format: 'binary' } } },
};
const offset = 'Bytes that are kept.';
const uploadState = {
  'Upload-Offset': { description: offset, schema: { type: 'integer', format: 'int64' } },
  'Upload-Complete': { description: '?1 when the whole file is there.', schema: { type: 'string' } },
};

/** The authority is in the URL: a session's `files` give it. */
const transfer = (operation: Omit<OpenApiOperation, 'tags' | 'security'>): OpenApiOperation => ({
  ...operation,
  tags: ['transfer'],
  parameters: [...inPath, ...(operation.parameters ?? [])],
  security: [],
});

const transferPaths: OpenApiPaths = {
  [`${transferPath}/{capability}/{name}`]: {
    put: transfer({
      operationId: 'transfer.put',
      summary: 'transfer.put',
      description: 'Sends a file of an import from its first byte. What arrives before a break is kept.',
      parameters: [text('Repr-Digest', 'sha-256 of the whole file (RFC 9530); a difference is refused.')],
      requestBody: { required: true, ...bytes },
      responses: { '201': { description: 'The file is there.', headers: uploadState } },
    }),
    patch: transfer({
      operationId: 'transfer.patch',
      summary: 'transfer.patch',
      description: 'Sends the rest of a file that broke off (IETF resumable uploads).',
      parameters: [
        { ...text('Upload-Offset', offset), required: true },
        text('Upload-Complete', '?0 when this is not the end of the file.'),
        text(
          'Upload-Length',
          'Bytes of the whole file. Without a body it asks whether the server has them from elsewhere.',
        ),
        text('Repr-Digest', 'sha-256 of the whole file (RFC 9530), when it is known.'),
      ],
      requestBody: partialBytes,
      responses: {
        '201': { description: 'The file is there.', headers: uploadState },
        '200': { description: 'The part is kept.', headers: uploadState },
        '204': {
          description: 'Nothing was brought: how far the upload is.',
          headers: {
            ...uploadState,
            'Want-Repr-Digest': {
              description:
                'sha-256=10 where the server has bytes of that length: told their digest it may need none of them.',
              schema: { type: 'string' },
            },
          },
        },
        '409': { description: 'The offset is another one.', headers: uploadState },
      },
    }),
    head: transfer({
      operationId: 'transfer.head',
      summary: 'transfer.head',
      description: 'Tells how far an upload is, or the size of a file of an export.',
      responses: {
        '204': { description: 'How far an upload is.', headers: uploadState },
        '200': { description: 'A file of an export.' },
      },
    }),
    get: transfer({
      operationId: 'transfer.get',
      summary: 'transfer.get',
      description: 'Gives a file of an export, or a range of it.',
      parameters: [text('Range', 'bytes=FIRST-LAST'), text('If-Range', 'The strong ETag of an earlier answer.')],
      responses: {
        '200': { description: 'The file.', ...bytes },
        '206': { description: 'The range.', ...bytes },
        '416': { description: 'The range lies behind the end.' },
      },
    }),
  },
};

const health: OpenApiOperation = {
  operationId: 'health.get',
  tags: ['health'],
  summary: 'health.get',
  description: 'Whether the service answers.',
  security: [],
  responses: { '200': { description: 'It does.' } },
};

const readiness: OpenApiOperation = {
  operationId: 'ready.get',
  tags: ['health'],
  summary: 'ready.get',
  description: 'Whether what the service needs answers as well.',
  security: [],
  responses: { '200': { description: 'It does.' }, '503': { description: 'Something does not; the body says what.' } },
};

/** Everything the server answers: the route table, file URLs, health. */
const serverDocument = (version: string): OpenApiDocument =>
  openApiDocument({ version, paths: { ...transferPaths, '/health': { get: health }, '/ready': { get: readiness } } });

/** `/openapi.json`, and the same as a page at `/`. Both are made when first asked for, and say nothing that is secret. */
export function addDocument(app: FastifyInstance, version: string): void {
  // bytes, not texts: those would be copied for each client that does not take them
  const made: { json?: Buffer; page?: Buffer } = {};
  app.get('/openapi.json', (_request, reply) => {
    made.json ??= Buffer.from(JSON.stringify(serverDocument(version)));
    return reply.type('application/json').send(made.json);
  });
  app.get('/', (_request, reply) => {
    made.page ??= Buffer.from(apiPage(serverDocument(version)));
    return reply.header('Content-Security-Policy', pagePolicy).type('text/html; charset=utf-8').send(made.page);
  });
}
