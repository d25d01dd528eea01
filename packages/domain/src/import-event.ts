import type { SessionFile, SessionMember } from './ovf-file.ts';
import type { OvfError, OvfInfo, OvfWarning } from './ovf-message.ts';
import type { OvfParams } from './ovf-params-list.ts';
import type { CompletedFile, StartedFile } from './session-files.ts';

/** What the descriptor says: the files of the session from now on, and what was found in it. */
export interface DescriptorRead {
  readonly files: readonly SessionFile[];
  readonly warnings: readonly OvfWarning[];
  readonly information: readonly OvfInfo[];
  /** Where the bytes of a library item rest; absent for packages whose files the session itself receives. */
  readonly members?: readonly SessionMember[];
}

/** What an import made; exactly one of the two ids is set. */
export interface Instantiated {
  readonly vmId?: string;
  readonly vappId?: string;
  /** By the id of the virtual machine; absent when no guest is customized. */
  readonly customizationResults?: readonly { readonly key: string; readonly value: boolean }[];
}

export type ImportEvent =
  /** Bytes of a file begin to arrive. */
  | ({ readonly type: 'startFile' } & StartedFile)
  /** A file is here whole, flushed, and its digest is right. */
  | ({ readonly type: 'completeFile' } & CompletedFile)
  /** The descriptor is parsed. */
  | ({ readonly type: 'readDescriptor' } & DescriptorRead)
  /** The client chose; `files` is the list that follows from its choice, with what has arrived already. */
  | { readonly type: 'instantiate'; readonly parameters: readonly OvfParams[]; readonly files: readonly SessionFile[] }
  /** The client says how far its upload is, in percent. */
  | { readonly type: 'reportProgress'; readonly percent: number }
  /** The inventory has the entity. */
  | ({ readonly type: 'finish' } & Instantiated)
  | { readonly type: 'fail'; readonly errors: readonly OvfError[] }
  /** The session was used: it lives until `expiresAt`, milliseconds since 1970. */
  | { readonly type: 'touch'; readonly expiresAt: number };

/** What has to be done after an event. Each may be done again after a restart. */
export type ImportEffect =
  /** Fetch descriptor, bundles, manifest and certificate from the source; then `readDescriptor`. */
  | { readonly type: 'pullDescriptor' }
  /** Parse the descriptor that has arrived; then `readDescriptor`. */
  | { readonly type: 'parseDescriptor' }
  /** Fetch every file that is missing from the source; `completeFile` for each. */
  | { readonly type: 'pullFiles' }
  /** Create the entity in the inventory; then `finish`. */
  | { readonly type: 'createEntity' }
  /** Stop what still moves and drop what was received. */
  | { readonly type: 'releaseFiles' };
