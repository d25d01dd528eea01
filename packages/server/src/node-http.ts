/**
 * What is used of `node:http`. To import that loads all it exports, and with it the WebSocket, the fetch and the HTTP/2 of Node.js: 13 MiB
 * that nobody uses.
 */
export const { createServer, STATUS_CODES } = process.getBuiltinModule('node:http');
