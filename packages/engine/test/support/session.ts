import { setTimeout as sleep } from 'node:timers/promises';
import { collect } from '@ovfkit/conformance';
import type { ExportCreateSpec, ImportCreateSpec, ImportInfo, OvfParams, SessionBackend } from '@ovfkit/domain';
import { expect } from 'vitest';

/** What every import here starts with. */
export const push: ImportCreateSpec = { importFlags: [], sourceType: 'PUSH_SOURCE' };

export const accepted: OvfParams = { type: 'EulaParams', allEulaAccepted: true };

export const named = (name: string): OvfParams => ({ type: 'NameAndProductParams', name });

/** A new import into the only pool of a fresh store. */
export const createImport = (backend: SessionBackend, createSpec: ImportCreateSpec): Promise<string> =>
  backend.importSession.createForResourcePool({ resourcePool: 'resgroup-8', createSpec });

/** The session once it is in one of `states`; says why when it ended otherwise. */
export async function until(backend: SessionBackend, id: string, ...states: readonly string[]): Promise<ImportInfo> {
  const end = performance.now() + 15_000;
  for (;;) {
    const info = await backend.importSession.get({ id });
    if (states.includes(info.state)) return info;
    const isOver = info.state === 'IMPORT_ERROR' || info.state === 'IMPORT_COMPLETED' || performance.now() > end;
    if (isOver) expect.fail(`${info.state} instead of ${states.join(' or ')}: ${JSON.stringify(info.errors)}`);
    await sleep(5);
  }
}

/** Everything that the errors of a session say, in one text. */
export const textOf = ({ errors }: Pick<ImportInfo, 'errors'>): string => JSON.stringify(errors);

interface Sending {
  readonly id: string;
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Sends a whole file in pieces of 64 KiB. */
export async function send(backend: SessionBackend, { id, name, bytes }: Sending) {
  const { files } = await backend.importSession.get({ id });
  const file = files.find((each) => each.name === name);
  if (file === undefined) return expect.fail(`no ${name} among ${files.map((each) => each.name).join(', ')}`);
  const upload = { kind: 'import', sessionId: id, file, offset: 0, size: bytes.length } as const;
  return backend.files.upload({ ...upload, bytes: pieces(bytes) });
}

/** `CHUNKS=hostile` hands everything out a few bytes at a time. */
const defaultPiece = process.env['CHUNKS'] === 'hostile' ? 7 : 65_536;

/** The bytes, a piece at a time. */
export async function* pieces(bytes: Uint8Array, size = defaultPiece): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Exports an entity; gives the bytes of every file by name. */
export async function exportFiles(
  backend: SessionBackend,
  {
    vmId,
    vappId,
    spec = {},
  }: { vmId?: string | undefined; vappId?: string | undefined; spec?: Partial<ExportCreateSpec> },
): Promise<ReadonlyMap<string, Uint8Array>> {
  const createSpec: ExportCreateSpec = { targetType: 'DOWNLOAD_TARGET', targetContentType: 'OVF_TARGET', ...spec };
  const source = { ...(vmId === undefined ? {} : { vmId }), ...(vappId === undefined ? {} : { vappId }) };
  const sessionId = await backend.exportSession.create({ source, createSpec });
  for (;;) {
    const { state, files, errors } = await backend.exportSession.get({ id: sessionId });
    if (state === 'EXPORT_ERROR') expect.fail(JSON.stringify(errors));
    if (state !== 'EXPORT_READY') {
      await sleep(5);
      continue;
    }
    const got = new Map<string, Uint8Array>();
    for (const file of files) {
      const { bytes } = await backend.files.download({ kind: 'export', sessionId, file });
      got.set(file.name, await collect(bytes));
    }
    await backend.exportSession.delete({ id: sessionId });
    return got;
  }
}
