import { once } from 'node:events';
import { createServer } from 'node:net';
import type { InventoryServices } from '@ovfkit/domain';
import { expect, onTestFinished, test } from 'vitest';
import { createWalk } from '../../src/target/hop.ts';
import { walkHosts } from '../../src/target/host-hops.ts';

/** A port that takes connections until the test ends. */
async function openPort(): Promise<number> {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const { signal } = new AbortController();

const inventory: Pick<InventoryServices, 'host'> = {
  host: {
    list: async () => [
      { host: 'host-1', name: '127.0.0.1', connectionState: 'CONNECTED', powerState: 'POWERED_ON' },
      { host: 'host-2', name: 'no-such-host.invalid', connectionState: 'CONNECTED', powerState: 'POWERED_ON' },
    ],
  },
};

test('a host that takes disks is reached, and one without a name is a warning', async () => {
  const walk = createWalk();
  const ports = { main: await openPort(), old: await openPort() };
  expect(await walkHosts(walk, { inventory, signal, ports })).toEqual(['reached', undefined]);
  const [found, unknown] = walk.hops.toSorted((a, b) => a.name.localeCompare(b.name));
  expect(found).toMatchObject({ name: 'host 127.0.0.1', status: 'ok' });
  expect(found?.detail).toBe(`port ${ports.main} answers, port ${ports.old} too`);
  expect(unknown).toMatchObject({ name: 'host no-such-host.invalid', status: 'warning' });
  expect(unknown?.detail).toMatch(/no-such-host\.invalid/);
});

test('the older port is told, and not needed; without the other a host is not reached', async () => {
  const walk = createWalk();
  const [main, old] = [await openPort(), await closedPort()];
  expect(await walkHosts(walk, { inventory, signal, ports: { main, old } })).toContain('reached');
  expect(walk.hops.map(({ detail }) => detail)).toContain(`port ${main} answers, port ${old} does not`);
  const none = createWalk();
  expect(await walkHosts(none, { inventory, signal, ports: { main: old, old: main } })).toEqual([undefined, undefined]);
  expect(none.hops.map(({ detail }) => detail)).toContainEqual(
    expect.stringMatching(/^Nothing listens at 127\.0\.0\.1:\d+/),
  );
});
