import { type ImportCreateSpec, type ImportInfo, type OvfFileInfo, SessionError } from '@ovfkit/domain';
import { PackageError, readDescriptor } from '@ovfkit/package-format';
import { openArchiveStream } from './archive-stream.ts';
import { refuseErrors } from './check-package.ts';
import {
  type ImportResult,
  type ImportRun,
  type ImportSettings,
  instantiateChosen,
  isDone,
  isReading,
  isSelecting,
  otherForm,
  resultOf,
  withImportSession,
} from './import-run.ts';
import { whileWatched } from './while-watched.ts';

export interface ImportStreamOptions extends ImportSettings {
  /** Of an archive, plain tar; read once, and ended by the caller. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * Imports an archive that goes by once. The server takes from it what it needs, and checks it against the manifest in it. What the network
 * loses cannot be read again, so a break ends the import; the session is deleted in every ending but those a `continuation` keeps it for. Of a
 * session that is gone on with each part that is not whole is taken from the archive anew.
 * @throws PackageError (the archive or its descriptor), SessionError, the signal's reason
 */
export async function importStream(options: ImportStreamOptions): Promise<ImportResult> {
  const archive = await openArchiveStream(options.bytes);
  const { descriptorName: file, descriptor, beginning, all } = archive;
  const { flags = [], locale } = options;
  refuseErrors(readDescriptor(descriptor, { file, lax: flags.includes('LAX') }), file);
  const createSpec: ImportCreateSpec = {
    sourceType: 'PUSH_SOURCE',
    pushSourceContentType: 'OVA_SOURCE',
    importFlags: [...flags],
    ...(locale === undefined ? {} : { locale }),
  };
  return withImportSession(options, createSpec, async (run) => {
    const { send, bytesSent } = createSender(run);
    if (isAtDescriptor(await run.get())) await send('descriptor.ova', beginning());
    let info = await run.until((each) => !isAtDescriptor(each));
    if (isReading(info)) await send('message-bundle.ova', beginning());
    info = await run.until((each) => !isReading(each));
    if (isSelecting(info)) await instantiateChosen(run, options.parameters);
    if ((await run.get()).state === 'IMPORT_FILE_TRANSFER') await send('disk-content.ova', all());
    return resultOf(run, { info: await run.until(isDone), bytesSent: bytesSent() });
  });
}

const isAtDescriptor = ({ state }: ImportInfo): boolean => state === 'IMPORT_OVF_TRANSFER';

/** Sends the archive, or its beginning, to one of the entries that take their part of it (contract, section 11.3). */
function createSender(run: ImportRun) {
  const { reporter } = run;
  let bytesSent = 0;
  async function* counted(name: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    let sent = 0;
    for await (const chunk of bytes) {
      yield chunk;
      sent += chunk.length;
      bytesSent += chunk.length;
      reporter.file(name, { sent, size: undefined });
    }
    reporter.file(name, { sent, size: sent });
  }
  const send = async (name: string, bytes: AsyncIterable<Uint8Array>): Promise<void> => {
    const file = (await run.get()).files.find((each) => each.name === name);
    if (file === undefined) throw otherForm(run);
    await whileWatched(run, (signal) => upload(run, { file, bytes: counted(name, bytes), signal }));
  };
  return { send, bytesSent: () => bytesSent };
}

interface Part {
  readonly file: OvfFileInfo;
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
}

async function upload(run: ImportRun, { file, bytes, signal }: Part): Promise<void> {
  const { backend, id } = run;
  try {
    const { isComplete } = await backend.files.upload(
      { kind: 'import', sessionId: id, file, offset: 0, bytes },
      { signal },
    );
    if (!isComplete) throw new PackageError('TRUNCATED', 'The archive ended before all that its descriptor names.');
  } catch (error) {
    throw await run.explain(run.continuation === undefined ? cannotRepeat(error) : error);
  }
}

/** An error that would be worth another try, had the bytes not gone by. */
function cannotRepeat(error: unknown): unknown {
  if (!(error instanceof SessionError)) return error;
  const { kind, message, data } = error;
  return new SessionError(kind, `${message} A stream cannot be sent again: start the import anew, or from a file.`, {
    data,
    cause: error,
  });
}
