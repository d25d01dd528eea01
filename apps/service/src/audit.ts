import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { RequestReport } from '@ovfkit/server';
import type { Config } from './settings.ts';

/** One thing that was done, or was tried. */
export interface AuditEvent {
  readonly user: string;
  /** Address of the client; absent for a command on this machine. */
  readonly from?: string;
  /** `service.operation`, or `user.add`. */
  readonly operation: string;
  /** What it was done to, by name. */
  readonly target?: Readonly<Record<string, string>>;
  /** The id of what it made. */
  readonly made?: string;
  /** `done`, or the kind of the error, or `broken` when the client went away. */
  readonly outcome: string;
}

/** A file of JSON lines that only grows. */
export interface AuditLog {
  /** On disk, as far as the system knows, when it returns. @throws Error when it cannot be written */
  record(event: AuditEvent): void;
  /** Goes on in a new file when the old one was moved away. */
  reopen(): void;
  close(): void;
}

/** Where the audit log is. */
export const auditPath = ({ auditFile, data }: Config): string => auditFile ?? join(data, 'audit.jsonl');

/** Opens the file at `path` to append to it, making it with mode 600. Several processes may: a line is one write. */
export function openAuditLog(path: string): AuditLog {
  let fd = openSync(path, 'a', 0o600);
  return {
    record: (event) => void writeSync(fd, `${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`),
    reopen() {
      const next = openSync(path, 'a', 0o600);
      closeSync(fd);
      fd = next;
    },
    close: () => closeSync(fd),
  };
}

/**
 * What of a request belongs into the audit: everything that changes something or hands out a package, done or refused, and
 * reading that was refused. Nothing for a caller who never said who it is: that is the log's.
 */
export function auditEventOf(report: RequestReport): AuditEvent | undefined {
  const { user, operation, target, made, method, status, address, error } = report;
  if (user === undefined || operation === undefined) return undefined;
  const isReading = ['GET', 'HEAD'].includes(method) && operation !== 'file.download';
  if (isReading && status !== 403) return undefined;
  const isTooMany = operation === 'session.create' && status === 503; // the failures before it are there
  if (isTooMany) return undefined;
  return {
    user,
    from: address,
    operation,
    ...(target === undefined ? {} : { target }),
    ...(made === undefined ? {} : { made }),
    outcome: status === 0 ? 'broken' : status < 400 ? 'done' : (error ?? String(status)),
  };
}
