import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { needed, openScene, type Scene } from './support/scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());

test('a session in which an import asked what else is wrong does not outlive the next attempt', async () => {
  let isSilent = true;
  const source = createServer((_, response) => {
    if (!isSilent) response.writeHead(404).end();
  });
  source.listen(0, '127.0.0.1');
  await once(source, 'listening');
  const address = source.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/never.ova`;
  const args = ['import', url, '--to', 'lab', '-n', 'one', ...needed, '--folder', 'Nowhere'];
  const rest = await scene.rest();
  const killed = new AbortController();
  const first = scene.ovfkit(args, { killSignal: killed.signal });
  await expect.poll(() => rest.listImportSessions(), { timeout: 20_000 }).toHaveLength(1);
  killed.abort();
  await first;
  expect(await rest.listImportSessions()).toHaveLength(1);
  isSilent = false;
  source.closeAllConnections();
  expect(await scene.ovfkit(args)).toMatchObject({ stderr: expect.stringContaining('Nowhere') });
  expect(await rest.listImportSessions()).toEqual([]);
  source.close();
});
