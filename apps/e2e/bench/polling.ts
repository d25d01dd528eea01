// Many clients that ask for the state of their sessions, as every client of the API does while it waits.
import { Agent, get } from 'node:http';
import { Agent as TlsAgent, get as tlsGet } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';

/** Times of the answers, in milliseconds. */
export interface Polled {
  readonly answers: number;
  readonly median: number;
  /** The time that 99 of 100 answers stay below. */
  readonly p99: number;
}

interface Polling {
  /** Each is asked for once a second. */
  readonly urls: readonly string[];
  readonly token: string;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** Connections are kept, as clients keep theirs; one that the service had just closed for being idle is replaced. */
function createAsk(token: string) {
  const agents = { plain: new Agent({ keepAlive: true }), tls: new TlsAgent({ keepAlive: true }) };
  const options = { headers: { 'vmware-api-session-id': token }, rejectUnauthorized: false };
  const once = (url: string, start: number): Promise<number> =>
    new Promise((resolve, reject) => {
      const sent = url.startsWith('https:')
        ? tlsGet(url, { ...options, agent: agents.tls })
        : get(url, { ...options, agent: agents.plain });
      sent.on('error', (error) => (sent.reusedSocket ? resolve(once(url, start)) : reject(error)));
      sent.on('response', (response) => {
        response.resume().on('end', () => {
          if (response.statusCode === 200) resolve(performance.now() - start);
          else reject(new Error(`${url} answered ${response.statusCode}`));
        });
      });
    });
  return (url: string): Promise<number> => once(url, performance.now());
}

/** Asks, evenly over each second, until the signal; an answer that is late delays no other question. */
export async function poll({ urls, token, signal }: Polling): Promise<Polled> {
  const ask = createAsk(token);
  const asked: Promise<number>[] = [];
  const start = performance.now();
  for (let index = 0; urls.length > 0 && !signal.aborted; index += 1) {
    const due = start + (index * 1000) / urls.length;
    if (due > performance.now()) await delay(due - performance.now(), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    const answer = ask(urls[index % urls.length] ?? '');
    answer.catch(() => {}); // told below
    asked.push(answer);
  }
  const times = (await Promise.all(asked)).toSorted((a, b) => a - b);
  const at = (part: number): number => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
  return { answers: times.length, median: at(0.5), p99: at(0.99) };
}
