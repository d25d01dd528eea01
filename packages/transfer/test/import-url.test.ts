import { createServer } from 'node:http';
import type { SessionBackend } from '@ovfkit/domain';
import { describe, expect, onTestFinished, test } from 'vitest';
import { importUrl, type ProgressEvent, planImportUrl } from '../src/index.ts';
import { defaults, makeSample, noise, pool, type Sample, withFile } from './support/sample.ts';
import { expectNothingLeft, start } from './support/service.ts';

/** The sample's files over HTTP. */
async function publish({ files }: Sample): Promise<string> {
  const server = createServer((request, response) => {
    const bytes = files.get(request.url?.slice(1) ?? '');
    if (bytes === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/app.ovf`;
}

const options = (backend: SessionBackend, url: string) =>
  ({ backend, url, target: pool, parameters: defaults, poll: { firstMs: 20, maxMs: 200 } }) as const;

describe('a URL', () => {
  test('is imported by the server, which tells how far it is', async () => {
    const { backend } = await start();
    const events: ProgressEvent[] = [];
    const url = await publish(makeSample());
    const result = await importUrl({ ...options(backend, url), onProgress: (event) => events.push(event) });
    expect(result).toMatchObject({ vmId: expect.any(String), bytesSent: 0 });
    expect(events.filter((event) => event.type === 'file').map(({ name }) => name)).toEqual(
      expect.arrayContaining(['disk0.vmdk', 'disk1.vmdk']),
    );
    expect(await backend.importSession.list({})).toEqual([]);
  });

  test('with a disk that differs from the manifest is refused by the server, naming it, and nothing is made', async () => {
    const { backend } = await start();
    const url = await publish(withFile(makeSample(), 'disk1.vmdk', noise('other', 300_000)));
    await expect(importUrl(options(backend, url))).rejects.toThrow(/disk1\.vmdk/);
    await expectNothingLeft(backend);
  });

  test('where nothing is found is refused with the reason', async () => {
    const { backend } = await start();
    const url = (await publish(makeSample())).replace('app.ovf', 'none.ovf');
    await expect(importUrl(options(backend, url))).rejects.toThrow(/none\.ovf/);
    await expectNothingLeft(backend);
  });

  test('can be planned without making anything', async () => {
    const { backend } = await start();
    const plan = await planImportUrl(options(backend, await publish(makeSample())));
    expect(plan.validation.errors).toEqual([]);
    await expectNothingLeft(backend);
  });
});
