import { SessionError } from '@ovfkit/domain';
import { z } from 'zod';

const NodeError = z.object({ code: z.string(), errcode: z.optional(z.number()) });

/** SQLite's primary result codes that a caller can do something about. */
const sqlite = { busy: 5, readOnly: 8, io: 10, corrupt: 11, full: 13, cannotOpen: 14, notADatabase: 26 } as const;

const noHandles: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE']);
const noRoom: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** The `code` of an error of Node's, such as `ENOENT`; nothing for other values. */
export const codeOf = (error: unknown): string | undefined => NodeError.safeParse(error).data?.code;

/** Extended result codes carry the primary one in their lowest byte. */
const primaryCodeOf = (error: unknown): number | undefined => {
  const code = NodeError.safeParse(error).data?.errcode;
  return code === undefined ? undefined : code % 256;
};

/** An error of the file system as ours; `doing` ends "could not be …". */
export function fromFileError(error: unknown, doing: string): SessionError {
  if (error instanceof SessionError) return error;
  const code = codeOf(error) ?? '';
  if (noRoom.has(code)) {
    return new SessionError('UNABLE_TO_ALLOCATE_RESOURCE', `There is no room: ${doing} (${code}).`, { cause: error });
  }
  if (noHandles.has(code)) {
    return new SessionError('SERVICE_UNAVAILABLE', `Too many files are open: ${doing} (${code}). Try again later.`, {
      cause: error,
    });
  }
  if (code === 'ENAMETOOLONG') {
    return new SessionError('INVALID_ARGUMENT', `The key is too long: ${doing}.`, { cause: error });
  }
  return new SessionError('RESOURCE_INACCESSIBLE', `${doing} failed (${code === '' ? String(error) : code}).`, {
    cause: error,
  });
}

/** An error of SQLite as ours; `path` is the database's. */
export function fromDatabaseError(error: unknown, path: string): unknown {
  switch (primaryCodeOf(error)) {
    case sqlite.busy:
      return new SessionError('RESOURCE_BUSY', `${path} is locked by another program.`, { cause: error });
    case sqlite.readOnly:
    case sqlite.io:
    case sqlite.cannotOpen:
      return new SessionError('RESOURCE_INACCESSIBLE', `${path} cannot be written or read: look at its volume.`, {
        cause: error,
      });
    case sqlite.full:
      return new SessionError('UNABLE_TO_ALLOCATE_RESOURCE', 'There is no room on the volume of the database.', {
        cause: error,
      });
    case sqlite.corrupt:
    case sqlite.notADatabase:
      return new SessionError('INTERNAL_SERVER_ERROR', `${path} is damaged; restore it from a backup.`, {
        cause: error,
      });
    default:
      return error;
  }
}
