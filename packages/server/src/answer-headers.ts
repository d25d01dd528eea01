import type { FastifyInstance, FastifyRequest } from 'fastify';

// what browsers are to do with any answer; nothing here is for another page, and URLs of files are secret
const always = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Resource-Policy': 'same-origin',
};
const overTls = { 'Strict-Transport-Security': 'max-age=31536000' };

/** Of every answer, those that are streamed included. */
export function addAnswerHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, { raw }) => {
    for (const [name, value] of Object.entries(headersFor(request))) raw.setHeader(name, value);
  });
}

const headersFor = ({ protocol }: FastifyRequest): Readonly<Record<string, string>> =>
  protocol === 'https' ? { ...always, ...overTls } : always;
