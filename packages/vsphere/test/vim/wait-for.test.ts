import { describe, expect, onTestFinished, test } from 'vitest';
import { connectVim } from '../../src/vim/connect.ts';
import { optional, text } from '../../src/vim/vim-shape.ts';
import { waitFor } from '../../src/vim/wait-for.ts';
import { change, VimServerFault } from '../support/vim-server/model.ts';
import { startSampleVcenter } from '../support/vim-server/sample-vcenter.ts';

const properties = { 'info.state': text, 'info.result': optional(text) };

describe.each(['soap', 'vi-json'] as const)('over %s', (transport) => {
  async function open() {
    const server = await startSampleVcenter();
    onTestFinished(() => server.close());
    const vim = await connectVim({ url: server.url, user: 'user', password: 'pass', transport });
    onTestFinished(() => vim.close());
    const task = server.model.add('Task', 'task-1', { info: { state: 'running' } });
    const end = () => change(task, 'info', { state: 'success', result: 'done' });
    const countOf = (method: string) =>
      server.calls.filter((call) => call.endsWith(`PropertyCollector.${method}`)).length;
    const wait = (signal?: AbortSignal) =>
      waitFor(vim, { object: task.ref, properties, until: (now) => now['info.state'] === 'success', signal });
    const nothing = { meanwhile: () => undefined };
    return { server, task, end, wait, countOf, nothing };
  }

  test('what is there already is asked for once', async () => {
    const { end, wait, countOf } = await open();
    end();
    expect(await wait()).toEqual({ 'info.state': 'success', 'info.result': 'done' });
    expect(countOf('RetrievePropertiesEx')).toBe(1);
    expect(countOf('CreatePropertyCollector')).toBe(0);
  });

  test('what takes its time is told by the server, and nothing is left of the question', async () => {
    const { server, end, wait, countOf, nothing } = await open();
    const before = server.model.all().length;
    server.trouble('WaitForUpdatesEx', nothing);
    server.trouble('WaitForUpdatesEx', { meanwhile: () => setTimeout(end, 30) });
    expect(await wait()).toMatchObject({ 'info.state': 'success' });
    expect(countOf('WaitForUpdatesEx')).toBe(2);
    expect(countOf('RetrievePropertiesEx')).toBe(5);
    expect(server.model.all().filter(({ ref }) => ref.type !== 'PropertyFilter')).toHaveLength(before);
  });

  test('a server that tells nothing by itself is asked again', async () => {
    const { server, end, wait, countOf, nothing } = await open();
    server.trouble('CreatePropertyCollector', { fault: new VimServerFault('MethodNotFound', 'there is none') });
    server.trouble('RetrievePropertiesEx', nothing, 3);
    server.trouble('RetrievePropertiesEx', { meanwhile: end });
    expect(await wait()).toMatchObject({ 'info.state': 'success' });
    expect(countOf('WaitForUpdatesEx')).toBe(0);
    expect(countOf('RetrievePropertiesEx')).toBe(4);
  });

  test('a collector that is gone with its session does not end the wait', async () => {
    const { server, end, wait, countOf, nothing } = await open();
    server.trouble('WaitForUpdatesEx', nothing);
    server.trouble('WaitForUpdatesEx', { fault: new VimServerFault('ManagedObjectNotFound', 'gone') });
    server.trouble('RetrievePropertiesEx', nothing, 4);
    server.trouble('RetrievePropertiesEx', { meanwhile: end });
    expect(await wait()).toMatchObject({ 'info.state': 'success' });
    expect([countOf('WaitForUpdatesEx'), countOf('RetrievePropertiesEx')]).toEqual([2, 5]);
  });

  test('what vanishes is no longer waited for', async () => {
    const { server, task, wait, nothing } = await open();
    server.trouble('WaitForUpdatesEx', nothing);
    server.trouble('WaitForUpdatesEx', { meanwhile: () => setTimeout(() => server.model.remove(task.ref), 30) });
    await expect(wait()).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  });

  test('given up, it ends at once, and nothing is left of the question', async () => {
    const { server, wait, countOf, nothing } = await open();
    const stop = new AbortController();
    server.trouble('WaitForUpdatesEx', nothing);
    server.trouble('WaitForUpdatesEx', { meanwhile: () => stop.abort(new Error('given up')) });
    await expect(wait(stop.signal)).rejects.toThrow('given up');
    expect(countOf('DestroyPropertyCollector')).toBe(1);
  });
});
