import { setTimeout as sleep } from 'node:timers/promises';
import { ContractBreach, type Exchange } from './exchange.ts';
import { closedGate, type Gate } from './gate.ts';
import { field } from './json.ts';
import { entryOf, importInfo } from './sessions.ts';
import type { Stage } from './stage.ts';

/**
 * Begins to send a file of an import, byte by byte, so that nobody takes it for a client that is gone. It has begun when this resolves. The
 * rest follows after `release`; then `answer` comes.
 */
export async function holdUpload(
  stage: Stage,
  id: string,
  file: { readonly name: string; readonly bytes: Uint8Array },
): Promise<{ readonly answer: Promise<Exchange>; readonly release: () => void }> {
  const { exchange, files } = await importInfo(stage, id);
  const { url } = files.find(({ name }) => name === file.name) ?? {};
  if (url === undefined) throw new ContractBreach(exchange, `files has an entry ${file.name}`);
  const gate = closedGate();
  const headers = { 'content-length': String(file.bytes.length) };
  const answer = stage.call({ method: 'PUT', path: url, body: trickle(file.bytes, gate), headers });
  answer.catch(() => undefined); // whoever waits for it is told
  try {
    await untilBegun(stage, id, file.name);
  } catch (error) {
    gate.open();
    throw error;
  }
  return { answer, release: gate.open };
}

const pauseMs = 25;

async function* trickle(bytes: Uint8Array, gate: Gate): AsyncGenerator<Uint8Array> {
  let sent = 0;
  let isOpen = false;
  void gate.opened.then(() => {
    isOpen = true;
  });
  for (; sent < bytes.length - 1 && !isOpen; sent += 1) {
    yield bytes.subarray(sent, sent + 1);
    await Promise.race([gate.opened, sleep(pauseMs)]);
  }
  await gate.opened;
  yield bytes.subarray(sent);
}

/** Until the target tells of a first byte; for a second at most, as it need not tell what it has not written yet. */
async function untilBegun(stage: Stage, id: string, name: string): Promise<void> {
  for (let tries = 0; tries < 40; tries += 1) {
    const { files } = await importInfo(stage, id);
    const entry = entryOf(files, name).fields;
    if (Number(field(entry, 'bytes_transferred')) > 0) return;
    await sleep(pauseMs);
  }
}
