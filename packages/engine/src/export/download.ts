import { createHash } from 'node:crypto';
import {
  type ByteRange,
  type ChunkMemory,
  type Download,
  type ExportSession,
  type FileService,
  SessionError,
  type SessionMember,
} from '@ovfkit/domain';
import { tarSize } from '@ovfkit/package-format';
import { observed } from '../byte-stream.ts';
import type { Core, Principal } from '../core.ts';
import type { ExportFlow } from '../effects/prepare-files.ts';
import { readOva } from './ova-stream.ts';

interface Downloads {
  readonly core: Core;
  readonly flow: ExportFlow;
  readonly principal: Principal;
}

/** Downloads of one caller. The bytes of a file are the same as long as its session lives, over restarts too. */
export function createDownloads({ core, flow, principal }: Downloads): Pick<FileService, 'download'> {
  return {
    async download({ kind, sessionId, file, range, etag, memory }) {
      if (kind !== 'export')
        throw new SessionError('NOT_ALLOWED_IN_CURRENT_STATE', 'Only files of an export can be downloaded.');
      const session = await flow.use(sessionId, principal);
      const source = sourceOf(core, { session, name: file.name, memory });
      checkVersion(etag, { ...source, name: file.name });
      const part = checkedRange(range, { size: source.size, name: file.name });
      return { size: source.size, etag: source.etag, bytes: observed(source.read(part), flow.keepAlive(session)) };
    },
  };
}

/** The range, or the whole file. @throws SessionError INVALID_ARGUMENT when it is beyond the end */
export function checkedRange(
  range: ByteRange | undefined,
  { size, name }: { readonly size: number; readonly name: string },
): ByteRange {
  const { start, end } = range ?? { start: 0, end: size };
  if (start >= 0 && end >= start && end <= size) return { start, end };
  throw new SessionError('INVALID_ARGUMENT', `Bytes ${start} to ${end} are not within the ${size} of ${name}.`);
}

/** Ranges of two versions do not belong together. @throws SessionError CONCURRENT_CHANGE */
export function checkVersion(
  wanted: string | undefined,
  { etag, name }: { readonly etag: string; readonly name: string },
): void {
  if (wanted === undefined || wanted === etag) return;
  throw new SessionError('CONCURRENT_CHANGE', `${name} is another than it was; download it from its beginning.`);
}

interface Source extends Required<Pick<Download, 'size' | 'etag'>> {
  read(range: ByteRange): AsyncIterable<Uint8Array>;
}

interface Named {
  readonly session: ExportSession;
  readonly name: string;
  readonly memory: ChunkMemory | undefined;
}

function sourceOf(core: Core, { session, name, memory }: Named): Source {
  const file = session.files.find((each) => each.name === name);
  if (file === undefined) throw new SessionError('NOT_FOUND', `The session has no file ${name}.`);
  const { members } = session;
  if (members === undefined)
    throw new SessionError(
      'NOT_ALLOWED_IN_CURRENT_STATE',
      `${name} is not ready while the session is ${session.state}.`,
    );
  const readMember = ({ blob, size }: SessionMember, range: ByteRange) =>
    range.start === 0 && range.end === size
      ? core.blobs.read(blob, undefined, memory)
      : core.blobs.read(blob, range, memory);
  if (file.fileType === 'OVA') {
    const readable = members.map((member) => ({ ...member, read: (range: ByteRange) => readMember(member, range) }));
    return { size: tarSize(members), etag: archiveTag(members), read: (range) => readOva(readable, range) };
  }
  const member = members.find((each) => each.name === name);
  if (member === undefined) throw new SessionError('NOT_FOUND', `The session has no file ${name}.`);
  return { size: member.size, etag: `"${member.sha256}"`, read: (range) => readMember(member, range) };
}

/** The archive is made from names, sizes and bytes in this order, so their digest names its bytes. */
function archiveTag(members: readonly SessionMember[]): string {
  const hash = createHash('sha256');
  for (const { name, size, sha256 } of members) hash.update(JSON.stringify([name, size, sha256]));
  return `"${hash.digest('hex')}"`;
}
