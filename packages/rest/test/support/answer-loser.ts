import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { serve } from './http-server.ts';

/** What becomes of an answer: its connection breaks, or a proxy says something of its own in its place. */
export type Loss = 'broken connection' | '503 in its place';

/** A proxy that lets every request through to its effect, and loses answers. */
export interface AnswerLoser {
  readonly url: string;
  /** The answer to the next request is lost. */
  lose(loss: Loss): void;
  /** Answers that were lost. */
  readonly lost: () => number;
}

/** Stands in front of the server at `url` until the test ends. */
export async function loseAnswersOf(url: string): Promise<AnswerLoser> {
  let next: Loss | undefined;
  let lost = 0;
  const forward = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const loss = next;
    next = undefined;
    const { status, headers, body } = await answerTo(url, incoming);
    if (loss === undefined) {
      response.writeHead(status, headers).end(body);
      return;
    }
    lost += 1;
    if (loss === 'broken connection') response.destroy();
    else response.writeHead(503).end('the proxy has lost its patience');
  };
  const server = await serve(forward);
  return { url: server.url, lose: (loss) => (next = loss), lost: () => lost };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

const answerTo = (url: string, incoming: IncomingMessage): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { method, url: path = '/', headers } = incoming;
    const outgoing = request(new URL(path, url), { method, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part)).on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    outgoing.on('error', reject);
    incoming.pipe(outgoing);
  });
