import type { FileSessionKind } from '@ovfkit/domain';

/** The tables of sessions, as they are named in keys and in addresses of files. */
export type SessionKindName = FileSessionKind;

/** Which session. */
export interface SessionAddress {
  readonly kind: SessionKindName;
  readonly id: string;
}

/** What `Jobs` and blob keys call a session. */
export const sessionKey = ({ kind, id }: SessionAddress): string => `${kind}/${id}`;

/** Where the bytes of a file of a session rest. `name` may have slashes. */
export const blobKey = (session: SessionAddress, name: string): string => `${sessionKey(session)}/${name}`;

const kinds: readonly SessionKindName[] = ['import', 'probe', 'export', 'update', 'download'];

/** Which session a blob was received for; nothing for a key that is none of ours. */
export function sessionOfBlob(key: string): SessionAddress | undefined {
  const [first, id] = key.split('/', 2);
  const kind = kinds.find((each) => each === first);
  return kind === undefined || id === undefined ? undefined : { kind, id };
}

/** The address of a file of a session, which the server makes absolute. Slashes of a name are percent-encoded too. */
export const fileReference = (session: SessionAddress, name: string): string =>
  `${session.kind}/${encodeURIComponent(session.id)}/${encodeURIComponent(name)}`;
