import { createHash } from 'node:crypto';
import { createChunkPool, type FileAddress, type FileService, SessionError, type Upload } from '@ovfkit/domain';
import { describe, expect, test } from 'vitest';
import { createReporter, type ProgressEvent } from '../src/progress.ts';
import { type SendFile, sendFile } from '../src/send-file.ts';
import { noise, sha256 } from './support/sample.ts';

const size = 1_000;
const content = noise('file', size);

const addressAt = (fileUrl: string): FileAddress => ({
  kind: 'import',
  sessionId: 's',
  file: { name: 'disk.vmdk', fileType: 'DISK', optionalUpload: false, bytesTransferred: 0, fileUrl },
});

/** A server that keeps what arrives; each number of `breaks` is where one upload in turn breaks off. */
function createKeeper(...breaks: readonly number[]) {
  const kept: number[] = [];
  const uploads: Upload[] = [];
  const cuts = [...breaks];
  const files: FileService = {
    async upload(input) {
      uploads.push(input);
      kept.length = input.offset;
      const cut = cuts.shift();
      for await (const chunk of input.bytes)
        for (const byte of chunk) {
          if (kept.length === cut) throw new SessionError('RESOURCE_INACCESSIBLE', 'cut');
          kept.push(byte);
        }
      return { offset: kept.length, isComplete: kept.length === input.size };
    },
    uploadState: async () => ({ offset: kept.length, isComplete: kept.length === size }),
    download: async () => {
      throw new SessionError('UNSUPPORTED', 'uploads only');
    },
  };
  return { files, kept, uploads };
}

const sum = (sizes: readonly number[]): number => sizes.reduce((total, each) => total + each, 0);

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += 64) yield bytes.subarray(at, at + 64);
}

const sending = (
  files: FileService,
  changes: Partial<SendFile> = {},
  onProgress?: (event: ProgressEvent) => void,
): SendFile => ({
  backend: { files },
  address: addressAt('first'),
  refresh: async () => addressAt('fresh'),
  source: {
    name: 'disk.vmdk',
    size,
    expected: [{ algorithm: 'SHA256', digest: sha256(content) }],
    from: () => 0,
    read: ({ start, end }) => pieces(content.subarray(start, end)),
  },
  isNew: true,
  pool: createChunkPool(),
  reporter: createReporter(() => [], onProgress),
  retries: 2,
  signal: new AbortController().signal,
  onBytes: () => {},
  ...changes,
});

test('a file that is refused because it is there already is sent', async () => {
  const keeper = createKeeper();
  const upload: FileService['upload'] = async (input, options) => {
    await keeper.files.upload(input, options);
    throw new SessionError('NOT_ALLOWED_IN_CURRENT_STATE', 'disk.vmdk is complete already.');
  };
  await sendFile(sending({ ...keeper.files, upload }));
  expect(keeper.kept).toHaveLength(size);
});

test('a file that is refused because it is there already is sent, though the first question about it fails', async () => {
  const keeper = createKeeper();
  let questions = 0;
  const upload: FileService['upload'] = async (input, options) => {
    await keeper.files.upload(input, options);
    throw new SessionError('NOT_ALLOWED_IN_CURRENT_STATE', 'disk.vmdk is complete already.');
  };
  const uploadState: FileService['uploadState'] = async (input, options) => {
    questions += 1;
    if (questions === 1) throw new SessionError('SERVICE_UNAVAILABLE', 'not now');
    return keeper.files.uploadState(input, options);
  };
  await sendFile(sending({ ...keeper.files, upload, uploadState }));
  expect(questions).toBe(2);
  expect(keeper.uploads).toHaveLength(1);
});

test('a file that is refused and is not there ends with the refusal', async () => {
  const { files } = createKeeper();
  const upload: FileService['upload'] = async () => {
    throw new SessionError('NOT_ALLOWED_IN_CURRENT_STATE', 'The session is over.');
  };
  await expect(sendFile(sending({ ...files, upload }))).rejects.toMatchObject({ message: 'The session is over.' });
});

describe('a file', () => {
  test('that breaks twice is digested once, arrives whole and goes on each time where it was', async () => {
    const keeper = createKeeper(300, 700);
    await sendFile(sending(keeper.files));
    expect(sha256(Uint8Array.from(keeper.kept))).toBe(sha256(content));
    expect(keeper.uploads.map(({ offset }) => offset)).toEqual([0, 300, 700]);
  });

  test('counts as sent once, whatever was still on its way at each break', async () => {
    const keeper = createKeeper(300, 700);
    const uploadState: FileService['uploadState'] = async (input, options) => {
      keeper.kept.length -= keeper.kept.length > 500 ? 150 : 0;
      return keeper.files.uploadState(input, options);
    };
    const sizes: number[] = [];
    const onBytes = (bytes: number): void => void sizes.push(bytes);
    await sendFile(sending({ ...keeper.files, uploadState }, { onBytes }));
    expect(keeper.uploads.map(({ offset }) => offset)).toEqual([0, 300, 550]);
    expect(sum(sizes)).toBe(size);
  });

  test('counts as sent twice when the server kept nothing of it', async () => {
    const keeper = createKeeper(640);
    const uploadState = async () => ({ offset: 0, isComplete: false });
    const sizes: number[] = [];
    const onBytes = (bytes: number): void => void sizes.push(bytes);
    await sendFile(sending({ ...keeper.files, uploadState }, { onBytes }));
    expect(sum(sizes)).toBe(size + 640);
  });

  test('is sent again to the URL that the session shows then', async () => {
    const keeper = createKeeper(300);
    await sendFile(sending(keeper.files));
    expect(keeper.uploads.map(({ file }) => file.fileUrl)).toEqual(['first', 'fresh']);
  });

  test('carries the SHA-256 of the manifest, and no other digest', async () => {
    const [strong, weak] = [createKeeper(), createKeeper()];
    await sendFile(sending(strong.files));
    const digest = createHash('sha1').update(content).digest('hex');
    const { source } = sending(weak.files);
    await sendFile(sending(weak.files, { source: { ...source, expected: [{ algorithm: 'SHA1', digest }] } }));
    expect([strong.uploads[0]?.sha256, weak.uploads[0]?.sha256]).toEqual([sha256(content), undefined]);
  });

  test('with the wrong digest never arrives whole, not even after a break at its very end', async () => {
    const keeper = createKeeper(999);
    const { source } = sending(keeper.files);
    const wrong = { ...source, expected: [{ algorithm: 'SHA256', digest: sha256(noise('other', size)) }] } as const;
    await expect(sendFile(sending(keeper.files, { source: wrong }))).rejects.toMatchObject({
      kind: 'INVALID_ARGUMENT',
    });
    expect(keeper.kept.length).toBeLessThan(size);
  });

  test('whose end was acknowledged but not heard is not sent again', async () => {
    const keeper = createKeeper();
    let isFirst = true;
    const upload: FileService['upload'] = async (input) => {
      const state = await keeper.files.upload(input);
      if (!isFirst) return state;
      isFirst = false;
      throw new SessionError('RESOURCE_INACCESSIBLE', 'the answer got lost');
    };
    await sendFile(sending({ ...keeper.files, upload }));
    expect(keeper.uploads).toHaveLength(1);
  });

  test('is given up after so many breaks that moved nothing, and not after as many that did', async () => {
    const stuck = createKeeper(0, 0, 0, 0);
    await expect(sendFile(sending(stuck.files))).rejects.toMatchObject({ message: 'cut' });
    expect(stuck.uploads).toHaveLength(3);
    const slow = createKeeper(100, 200, 300, 400);
    await sendFile(sending(slow.files));
    expect(slow.uploads).toHaveLength(5);
  });

  test('that the server refuses is not sent again', async () => {
    const keeper = createKeeper();
    let calls = 0;
    const upload = async (): Promise<never> => {
      calls += 1;
      throw new SessionError('INVALID_ARGUMENT', 'no');
    };
    await expect(sendFile(sending({ ...keeper.files, upload }))).rejects.toMatchObject({ message: 'no' });
    expect(calls).toBe(1);
  });

  test('that an earlier process sent is not sent again, and of a part only the rest is', async () => {
    const part = createKeeper(300);
    await expect(sendFile(sending(part.files, { retries: 0 }))).rejects.toMatchObject({ message: 'cut' });
    await sendFile(sending(part.files, { isNew: false }));
    expect(part.uploads.map(({ offset }) => offset)).toEqual([0, 300]);
    await sendFile(sending(part.files, { isNew: false }));
    expect(part.uploads).toHaveLength(2);
  });

  test('is sent anew to a server that claims more of it than there is', async () => {
    const keeper = createKeeper();
    const uploadState = async () => ({ offset: size + 1, isComplete: false });
    await sendFile(sending({ ...keeper.files, uploadState }, { isNew: false }));
    expect(Buffer.from(keeper.kept)).toEqual(Buffer.from(content));
  });

  test('is whole, for a server that keeps no parts, when the session says so', async () => {
    const keeper = createKeeper();
    const uploadState = async (): Promise<never> => {
      throw new SessionError('UNSUPPORTED', 'no parts');
    };
    const { address } = sending(keeper.files);
    const refresh = async () => ({ ...address, file: { ...address.file, size, bytesTransferred: size } });
    await sendFile(sending({ ...keeper.files, uploadState }, { isNew: false, refresh }));
    expect(keeper.uploads).toHaveLength(0);
  });

  test('tells of each retry, with its reason and how long it waits', async () => {
    const events: ProgressEvent[] = [];
    await sendFile(sending(createKeeper(300).files, {}, (event) => events.push(event)));
    expect(events.filter(({ type }) => type === 'retry')).toMatchObject([
      { name: 'disk.vmdk', reason: { message: 'cut' }, inMs: expect.any(Number) },
    ]);
  });
});
