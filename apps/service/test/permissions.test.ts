import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { start, temporaryFolder } from './support/process.ts';
import { descriptorFor, logIn } from './support/wire.ts';

test('what the service makes is for its own user only, in a folder open to all and with a mask that hides nothing', async () => {
  const data = join(await temporaryFolder(), 'data');
  await mkdir(data, { mode: 0o755 });
  const service = await start({
    argv: ['--data', data, '--listen', '127.0.0.1:0', '--plain-http'],
    environment: { OVFKITD_ADMIN_PASSWORD: 'correct horse' },
    within: ['sh', '-c', 'umask 000 && exec "$@"', 'sh'],
  });
  const admin = await logIn(service.url, 'correct horse');
  const id = await admin.create();
  await admin.upload(await admin.fileUrl(id, 'descriptor.ovf'), descriptorFor(10));
  await admin.until(id, 'IMPORT_SELECTING_OVF_PARAMS');
  const names = await readdir(data, { recursive: true });
  expect(names).toEqual(expect.arrayContaining(['audit.jsonl', 'ovfkit.sqlite', 'secrets/file-urls']));
  expect(names.some((name) => name.endsWith('.blob'))).toBe(true);
  for (const name of names) expect([name, (await stat(join(data, name))).mode % 0o100]).toEqual([name, 0]);
});
