import { setTimeout as sleep } from 'node:timers/promises';
import { connectVim, retrieveAll, text } from '@ovfkit/vsphere';
import { expect, onTestFinished, test } from 'vitest';
import { sampleVcenter, vcenterMethods } from '../../../../packages/vsphere/test/support/vim-server/sample-vcenter.ts';
import { startVimServer } from '../../../../packages/vsphere/test/support/vim-server/vim-server.ts';
import { impatientVim } from '../../src/target/impatient-vim.ts';

test('a server that says nothing is given up once the command is interrupted, and with it every later call', async () => {
  const slowMethods = { 'PropertyCollector.RetrievePropertiesEx': () => new Promise<undefined>(() => {}) };
  const server = await startVimServer({ model: sampleVcenter(), methods: vcenterMethods, slowMethods });
  onTestFinished(() => server.close());
  const patient = await connectVim({ url: server.url, user: 'user', password: 'pass' });
  onTestFinished(() => patient.close());
  const interrupt = new AbortController();
  const vim = impatientVim(patient, { signal: interrupt.signal, withinMs: 50 });
  const look = () => retrieveAll(vim, { type: 'VirtualMachine', properties: { name: text } });
  const givenUp = {
    kind: 'TIMED_OUT',
    message: expect.stringMatching(/^127\.0\.0\.1:\d+ has not answered for 0\.05 s\.$/),
  };
  const looking = look();
  expect(await Promise.race([looking, sleep(200, 'nobody waits for it')])).toBe('nobody waits for it');
  interrupt.abort();
  await expect(looking).rejects.toMatchObject(givenUp);
  const before = server.calls.length;
  await expect(look()).rejects.toMatchObject(givenUp);
  expect(server.calls).toHaveLength(before);
});
