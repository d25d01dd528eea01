import { createHmac, timingSafeEqual } from 'node:crypto';
import { type FileAddress, SessionError } from '@ovfkit/domain';
import { z } from 'zod';
import { type Principal, Role } from './principal.ts';

/** What a file URL allows: one file, one direction (the kind of session says which), as one user, for a time. */
export interface FileGrant {
  readonly kind: FileAddress['kind'];
  readonly sessionId: string;
  readonly name: string;
  readonly principal: Principal;
}

/** Makes and reads the URLs by which files are sent and fetched. They carry all that is needed: no token goes with them. */
export interface FileUrls {
  /** Path and query, to be appended to the base URL. The same for about an hour, so that lists compare equal. */
  pathOf(grant: FileGrant): string;
  /** @throws SessionError NOT_FOUND when we did not make it for this name; UNAUTHORIZED when its time is over */
  read(capability: string, name: string): FileGrant;
}

export interface FileUrlsOptions {
  /** Signs the URLs. With another secret every URL given out before is refused. */
  readonly secret: Uint8Array;
  /** How long a URL is good for, at least. */
  readonly lifetimeMs: number;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Where file URLs begin. */
export const transferPath = '/ovf/transfer';

const steadyForMs = 3_600_000;
// sessions are polled: signing their files anew each time would be much of the cost of an answer
const keptPaths = 10_000;
const Claims = z.tuple([
  z.enum(['import', 'probe', 'export', 'update', 'download']),
  z.string(),
  z.string(),
  Role,
  z.number(),
  z.string().optional(),
]);

/** URLs signed with HMAC-SHA-256. Any server with the same secret reads them. */
export function createFileUrls({ secret, lifetimeMs, clock }: FileUrlsOptions): FileUrls {
  const sign = (claims: string, name: string): Buffer =>
    createHmac('sha256', secret).update(`ovfkit file url\n${claims}\n${name}`).digest();
  const paths = new Map<string, string>();

  function signedPath(encoded: string, name: string): string {
    const known = paths.get(`${encoded}/${name}`);
    if (known !== undefined) return known;
    const signature = sign(encoded, name).toString('base64url');
    const path = `${transferPath}/${encoded}.${signature}/${encodeURIComponent(name)}`;
    paths.set(`${encoded}/${name}`, path);
    const [oldest] = paths.keys();
    if (paths.size > keptPaths && oldest !== undefined) paths.delete(oldest);
    return path;
  }

  return {
    pathOf({ kind, sessionId, name, principal }) {
      const expiresAt = (Math.floor(clock() / steadyForMs) + 1) * steadyForMs + lifetimeMs;
      const { user, role, credential } = principal;
      const claims: z.infer<typeof Claims> =
        credential === undefined
          ? [kind, sessionId, user, role, expiresAt]
          : [kind, sessionId, user, role, expiresAt, credential];
      const encoded = Buffer.from(JSON.stringify(claims)).toString('base64url');
      return signedPath(encoded, name);
    },
    read(capability, name) {
      const [encoded = '', signature = '', ...rest] = capability.split('.');
      const given = Buffer.from(signature, 'base64url');
      const expected = sign(encoded, name);
      if (rest.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected))
        throw new SessionError('NOT_FOUND', 'There is no file at this URL.');
      const [kind, sessionId, user, role, expiresAt, credential] = Claims.parse(
        JSON.parse(Buffer.from(encoded, 'base64url').toString()),
      );
      if (clock() >= expiresAt)
        throw new SessionError('UNAUTHORIZED', 'This file URL has expired. Get the session again for a new one.');
      const principal = { user, role, ...(credential === undefined ? {} : { credential }) };
      return { kind, sessionId, name, principal };
    },
  };
}

const isAbsolute = /^[a-z][a-z\d+.-]*:/i;

/** A file URL that the backend itself takes or gives; others, such as a host's own, are passed on as they are. */
export const isOwnFile = ({ fileUrl }: { readonly fileUrl?: string }): boolean =>
  fileUrl !== undefined && !isAbsolute.test(fileUrl);
