// Fastify for programs that are bundled. It loads the HTTP/2 of Node.js whoever makes its server; ours makes its own (`serverFactory`),
// of HTTP/1.1 (packages/server/src/http-server.ts).

const marked = '\0no-http2';

/** A plugin for the bundler. */
export const slimFastify = {
  name: 'slim-fastify',
  resolveId: (id: string, importer: string | undefined): string | undefined =>
    id === 'node:http2' && importer?.includes('/fastify/') === true ? marked : undefined,
  load: (id: string): string | undefined => (id === marked ? 'module.exports = undefined;' : undefined),
};
