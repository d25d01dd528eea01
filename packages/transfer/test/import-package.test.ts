import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionBackend } from '@ovfkit/domain';
import type { PackageReader } from '@ovfkit/package-format';
import { describe, expect, test } from 'vitest';
import { importPackage, type ProgressEvent, planImport } from '../src/index.ts';
import { options, storedDisks } from './support/import.ts';
import {
  asFolder,
  asOva,
  bytesOf,
  defaults,
  disksOf,
  makeSample,
  noise,
  type Sample,
  sha256,
  sizeOf,
  withFile,
  withManifest,
  without,
} from './support/sample.ts';
import { expectNothingLeft, start } from './support/service.ts';

describe.each([
  ['a folder', asFolder],
  ['an archive', asOva],
])('%s', (_, open) => {
  test('is imported byte for byte, and its session is gone afterwards', async () => {
    const { service, backend } = await start();
    const sample = makeSample({ disks: 3 });
    const result = await importPackage(options(backend, await open(sample)));
    expect(result.vmId).toMatch(/./);
    expect(await storedDisks(service)).toEqual(disksOf(sample));
    expect(result).toMatchObject({ bytesSent: sizeOf(sample), bytesThere: 0 });
    expect(await backend.importSession.list({})).toEqual([]);
  });

  test('with a disk that differs from the manifest is refused, naming file and digests, and nothing is made of it', async () => {
    const { backend } = await start();
    const damaged = withFile(makeSample(), 'disk1.vmdk', noise('other', 300_000));
    const expected = /disk1\.vmdk does not match its digest: expected SHA256 [0-9a-f]{64}, actual [0-9a-f]{64}/;
    await expect(importPackage(options(backend, await open(damaged)))).rejects.toMatchObject({
      kind: 'INVALID_ARGUMENT',
      message: expect.stringMatching(expected),
      data: { file: 'disk1.vmdk', algorithm: 'SHA256' },
    });
    await expectNothingLeft(backend);
  });
});

test('of files with the same bytes one is sent, though several are sent at once', async () => {
  const { service, backend } = await start();
  const { files } = makeSample({ disks: 4 });
  const same = files.get('disk0.vmdk') ?? expect.fail('no disk');
  const sample = withManifest({
    files: new Map([...files].map(([name, each]) => [name, name.endsWith('.vmdk') ? same : each])),
  });
  const { bytesSent } = await importPackage({ ...options(backend, await asFolder(sample)), concurrency: 4 });
  expect(bytesSent).toBeGreaterThanOrEqual(same.length);
  expect(bytesSent).toBeLessThan(2 * same.length);
  expect(await storedDisks(service)).toEqual(disksOf(sample));
});

test('a second import of the same package sends less than one percent of it, and both machines have every byte', async () => {
  const { service, backend } = await start();
  const sample = makeSample({ disks: 3 });
  const size = sizeOf(sample);
  const named = (name: string) => () => [...defaults(), { type: 'NameAndProductParams', name } as const];
  await importPackage({ ...options(backend, await asFolder(sample)), parameters: named('first') });
  const again = await importPackage({ ...options(backend, await asOva(sample)), parameters: named('second') });
  expect(again.bytesSent).toBeLessThan(size / 100);
  expect(again.bytesSent + again.bytesThere).toBe(size);
  const vms = await service.store.inventory.vm.list({});
  expect(vms).toHaveLength(2);
  await backend.inventory.vm.delete({ vm: vms[0]?.vm ?? '' });
  expect(await storedDisks(service)).toEqual(disksOf(sample));
});

describe.each([
  ['a manifest of SHA-1', (sample: Sample) => withManifest(sample, 'SHA1')],
  ['a manifest of SHA-512', (sample: Sample) => withManifest(sample, 'SHA512')],
  ['no manifest', (sample: Sample) => without(sample, 'app.mf')],
])('a package with %s', (_, sealed) => {
  const named = (name: string) => () => [...defaults(), { type: 'NameAndProductParams', name } as const];

  test('is sent in full once, and read here to find that the service has it the second time', async () => {
    const { service, backend } = await start();
    const sample = sealed(makeSample({ disks: 3 }));
    const size = sizeOf(sample);
    const compared: string[] = [];
    const onProgress = (event: ProgressEvent) => event.type === 'comparing' && compared.push(event.name);
    const local = async () => ({ ...options(backend, await asFolder(sample)), isLocal: true, onProgress });
    const first = await importPackage({ ...(await local()), parameters: named('first') });
    expect(first.bytesSent).toBe(size);
    compared.length = 0; // by chance one disk was there before the next, of the same size, was asked for
    const again = await importPackage({ ...(await local()), parameters: named('second') });
    expect(again.bytesSent).toBeLessThan(size / 100);
    expect(compared.toSorted()).toEqual(['disk0.vmdk', 'disk1.vmdk', 'disk2.vmdk']);
    const vms = await service.store.inventory.vm.list({});
    expect(vms).toHaveLength(2);
    await backend.inventory.vm.delete({ vm: vms[0]?.vm ?? '' });
    expect(await storedDisks(service)).toEqual(disksOf(sample));
  });

  test('with other bytes of the same size is sent, each byte once', async () => {
    const { service, backend } = await start();
    const sample = sealed(makeSample({ disks: 1 }));
    const { length = 0 } = sample.files.get('disk0.vmdk') ?? [];
    const other = sealed(withFile(sample, 'disk0.vmdk', noise('another', length)));
    const { vmId = '' } = await importPackage({ ...options(backend, await asFolder(other)), isLocal: true });
    const second = { ...options(backend, await asFolder(sample)), isLocal: true, parameters: named('second') };
    expect((await importPackage(second)).bytesSent).toBe(sizeOf(sample));
    await backend.inventory.vm.delete({ vm: vmId });
    expect(await storedDisks(service)).toEqual(disksOf(sample));
  });

  test('is sent again when it is dear to read', async () => {
    const { backend } = await start();
    const sample = sealed(makeSample({ disks: 1 }));
    await importPackage(options(backend, await asFolder(sample)));
    const again = await importPackage({ ...options(backend, await asFolder(sample)), parameters: named('second') });
    expect(again.bytesSent).toBe(sizeOf(sample));
  });
});

test('a file that is damaged is found so before a byte of it is sent, where the service has bytes of its size', async () => {
  const { backend } = await start();
  const sample = withManifest(makeSample({ disks: 1 }), 'SHA1');
  await importPackage({ ...options(backend, await asFolder(sample)), isLocal: true });
  const { length = 0 } = sample.files.get('disk0.vmdk') ?? [];
  const damaged = withFile(sample, 'disk0.vmdk', noise('another', length));
  const sent: string[] = [];
  const importing = importPackage({
    ...options(backend, await asFolder(damaged)),
    isLocal: true,
    parameters: () => [...defaults(), { type: 'NameAndProductParams', name: 'second' }],
    onProgress: (event) => event.type === 'file' && sent.push(event.name),
  });
  await expect(importing).rejects.toMatchObject({ kind: 'INVALID_ARGUMENT', data: { algorithm: 'SHA1' } });
  expect(sent).not.toContain('disk0.vmdk');
});

describe('a package', () => {
  test('goes through the states of the contract in their order', async () => {
    const { backend } = await start();
    const events: ProgressEvent[] = [];
    await importPackage({
      ...options(backend, await asFolder(makeSample())),
      onProgress: (event) => events.push(event),
    });
    const states = events.flatMap((event) => (event.type === 'state' ? [event.state] : []));
    expect(states).toEqual([
      'IMPORT_OVF_TRANSFER',
      'IMPORT_SELECTING_OVF_PARAMS',
      'IMPORT_FILE_TRANSFER',
      'IMPORT_INSTANTIATING',
      'IMPORT_COMPLETED',
    ]);
  });

  test('tells of every file when it is through, and not more than ten times a second before', async () => {
    const { backend } = await start();
    const events: ProgressEvent[] = [];
    const begin = performance.now();
    const sample = makeSample({ disks: 1, diskSize: 24 * 1024 * 1024 });
    await importPackage({ ...options(backend, await asFolder(sample)), onProgress: (event) => events.push(event) });
    const disk = events.filter((event) => event.type === 'file' && event.name === 'disk0.vmdk');
    expect(disk.at(-1)).toMatchObject({ sent: 24 * 1024 * 1024, size: 24 * 1024 * 1024 });
    expect(disk.length).toBeLessThanOrEqual((performance.now() - begin) / 100 + 2);
  });

  test('with a message bundle sends it before parameters are asked for', async () => {
    const { backend } = await start();
    const bundle = '<?xml version="1.0"?><Strings xmlns="http://schemas.dmtf.org/ovf/envelope/1" xml:lang="de"/>';
    const events: ProgressEvent[] = [];
    const reader = await asFolder(makeSample({ bundle }));
    await importPackage({ ...options(backend, reader), onProgress: (event) => events.push(event) });
    const order = events.map((event) =>
      event.type === 'file' ? event.name : event.type === 'state' ? event.state : '',
    );
    expect(order.indexOf('de.msg')).toBeGreaterThan(order.indexOf('app.ovf'));
    expect(order.indexOf('de.msg')).toBeLessThan(order.indexOf('IMPORT_SELECTING_OVF_PARAMS'));
  });

  test('whose manifest arrives with another digest tells so, and not that the session is over', async () => {
    const { backend } = await start();
    const upload: SessionBackend['files']['upload'] = async (input, callOptions) => {
      if (input.file.fileType !== 'MANIFEST') return backend.files.upload(input, callOptions);
      const { sha256: _, ...rest } = input;
      const text = Buffer.from(await bytesOf(input.bytes)).toString();
      const other = Buffer.from(text.replace(/= [0-9a-f]{4}/, '= 0000'));
      return backend.files.upload({ ...rest, bytes: Readable.from([other]) }, callOptions);
    };
    const damaging = { ...backend, files: { ...backend.files, upload } };
    await expect(importPackage(options(damaging, await asFolder(makeSample())))).rejects.toMatchObject({
      message: expect.stringMatching(/0000/),
    });
  });

  test('without a manifest is imported unverified', async () => {
    const { backend } = await start();
    const reader = await asFolder(without(makeSample(), 'app.mf'));
    expect(await importPackage(options(backend, reader))).toMatchObject({ vmId: expect.any(String) });
  });

  test('with a wrong manifest is imported when it is not to be verified', async () => {
    const { backend } = await start();
    const damaged = withFile(makeSample(), 'disk0.vmdk', noise('other', 300_000));
    expect(await importPackage({ ...options(backend, await asFolder(damaged)), verifyManifest: false })).toMatchObject({
      vmId: expect.any(String),
    });
  });

  test('with an empty disk is imported', async () => {
    const { service, backend } = await start();
    const sample = withManifest(withFile(makeSample({ disks: 1 }), 'disk0.vmdk', new Uint8Array(0)));
    await importPackage(options(backend, await asFolder(sample)));
    expect(await storedDisks(service)).toEqual([sha256(new Uint8Array(0))]);
  });
});

describe('before a session is made', () => {
  const noSession = async (open: () => Promise<PackageReader>, error: object): Promise<void> => {
    const { backend } = await start();
    const events: ProgressEvent[] = [];
    const run = importPackage({ ...options(backend, await open()), onProgress: (event) => events.push(event) });
    await expect(run).rejects.toMatchObject(error);
    expect(events.filter(({ type }) => type === 'session')).toEqual([]);
    await expectNothingLeft(backend);
  };

  test('a missing disk is told', () =>
    noSession(() => asFolder(without(makeSample(), 'disk1.vmdk')), {
      code: 'FILE_MISSING',
      message: expect.stringContaining('disk1.vmdk'),
    }));

  test('a descriptor that differs from the manifest is told', () => {
    const sample = makeSample();
    const text = Buffer.from(sample.files.get('app.ovf') ?? [])
      .toString()
      .replace('Be kind', 'Be bold');
    return noSession(() => asFolder(withFile(sample, 'app.ovf', Buffer.from(text))), {
      kind: 'INVALID_ARGUMENT',
      data: { file: 'app.ovf' },
    });
  });

  test('a descriptor with a dangling reference is told with line and column', () => {
    const sample = makeSample();
    const text = Buffer.from(sample.files.get('app.ovf') ?? [])
      .toString()
      .replace('ovf:fileRef="f1"', 'ovf:fileRef="f9"');
    return noSession(() => asFolder(withManifest(withFile(sample, 'app.ovf', Buffer.from(text)))), {
      code: 'DESCRIPTOR_INVALID',
      message: expect.stringMatching(/app\.ovf:\d+:\d+: .*f9/),
    });
  });
});

describe('parameters', () => {
  test('that the server refuses are asked for again, and given up when they stay the same', async () => {
    const { backend } = await start();
    const errors: number[] = [];
    const parameters = ({ errors: found }: { readonly errors: readonly unknown[] }) => {
      errors.push(found.length);
      return [...defaults(), { type: 'DatastoreMappingParams', targetDatastore: 'datastore-none' }] as const;
    };
    const run = importPackage({ ...options(backend, await asFolder(makeSample())), parameters });
    await expect(run).rejects.toMatchObject({
      kind: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/datastore-none/),
    });
    expect(errors).toEqual([0, 1]);
    await expectNothingLeft(backend);
  });

  test('can be planned without making anything', async () => {
    const { backend } = await start();
    const parameters = [...defaults(), { type: 'NameAndProductParams', name: 'planned' }] as const;
    const plan = await planImport({ ...options(backend, await asFolder(makeSample())), parameters: () => parameters });
    expect(plan).toMatchObject({ parameters, validation: { errors: [] } });
    await expectNothingLeft(backend);
  });

  test('may take their time', async () => {
    const { backend } = await start();
    const parameters = () => sleep(100, defaults());
    expect(await importPackage({ ...options(backend, await asFolder(makeSample())), parameters })).toMatchObject({
      vmId: expect.any(String),
    });
  });
});
