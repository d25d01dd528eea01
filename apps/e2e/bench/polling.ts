// Many clients that ask for the state of their sessions, each on a connection of its own, as every client of the API does while it waits.
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

/** A client of one session: asks for it, and resolves to the milliseconds until the whole answer was here. */
export type Poller = () => Promise<number>;

/** How many connections are opened at a time. */
const opening = 8;

function createPoller(url: string, token: string): Poller {
  const secure = url.startsWith('https:');
  const send = secure ? tlsGet : get;
  const agent = secure
    ? new TlsAgent({ keepAlive: true, maxSockets: 1 })
    : new Agent({ keepAlive: true, maxSockets: 1 });
  const options = { headers: { 'vmware-api-session-id': token }, rejectUnauthorized: false, agent };
  const once = (start: number): Promise<number> =>
    new Promise((resolve, reject) => {
      const sent = send(url, options);
      // A connection that the service had just closed for being idle is replaced.
      sent.on('error', (error) => (sent.reusedSocket ? resolve(once(start)) : reject(error)));
      sent.on('response', (response) => {
        response.resume().on('end', () => {
          if (response.statusCode === 200) resolve(performance.now() - start);
          else reject(new Error(`${url} answered ${response.statusCode}`));
        });
      });
    });
  return () => once(performance.now());
}

/** A client for each session, with a connection of its own that is open and kept. */
export async function connectPollers(urls: readonly string[], token: string): Promise<readonly Poller[]> {
  const clients = urls.map((url) => createPoller(url, token));
  for (let first = 0; first < clients.length; first += opening)
    await Promise.all(clients.slice(first, first + opening).map((ask) => ask()));
  return clients;
}

/** Each asks once a second, evenly over it, until the signal; an answer that is late delays no question of another client. */
export async function poll(clients: readonly Poller[], signal: AbortSignal): Promise<Polled> {
  const asked: Promise<number>[] = [];
  const start = performance.now();
  for (let index = 0; !signal.aborted; index += 1) {
    const wait = start + (index * 1000) / clients.length - performance.now();
    if (wait > 0) await delay(wait, undefined, { signal }).catch(() => undefined);
    const ask = clients[index % clients.length];
    if (signal.aborted || ask === undefined) break;
    const answer = ask();
    answer.catch(() => {}); // told below
    asked.push(answer);
  }
  const times = (await Promise.all(asked)).toSorted((a, b) => a - b);
  const at = (part: number): number => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
  return { answers: times.length, median: at(0.5), p99: at(0.99) };
}
