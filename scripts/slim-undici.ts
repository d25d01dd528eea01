// What `@ovfkit/rest` uses of undici, for programs that are bundled: its index loads fetch, WebSocket, caches and mocks as well, and with them
// HTTP/2 and the web streams of Node.js, which takes longer than everything else before the first request.
import { createRequire } from 'node:module';

const name = 'undici';
const marked = `\0${name}`;

const pathOf = (file: string): string =>
  JSON.stringify(
    createRequire(new URL('../packages/rest/package.json', import.meta.url)).resolve(`undici/lib/${file}`),
  );

/** As undici's own index makes it, but that whoever asks says by which agent. */
const source = (): string => `
import Agent from ${pathOf('dispatcher/agent.js')};
import requestOf from ${pathOf('api/api-request.js')};
import buildConnector from ${pathOf('core/connect.js')};
import { parseURL } from ${pathOf('core/util.js')};
export { Agent, buildConnector };
export const request = (url, { dispatcher, ...options }) => {
  const { origin, pathname, search } = parseURL(url);
  return requestOf.call(dispatcher, { ...options, origin, path: pathname + search });
};
`;

/** Our connections refuse HTTP/2 (`createConnector`), so that nobody ever asks for this. */
const http2 = /undici\/lib\/dispatcher\/client-h2\.js$/;

/** A plugin for the bundler. */
export const slimUndici = {
  name: 'slim-undici',
  resolveId: (id: string): string | undefined => (id === name ? marked : undefined),
  load: (id: string): string | undefined =>
    id === marked ? source() : http2.test(id) ? 'module.exports = undefined;' : undefined,
};
