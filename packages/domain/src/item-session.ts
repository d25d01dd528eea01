import { z } from 'zod';
import { LocalizableMessage } from './localizable-message.ts';
import { Id, Long } from './structure.ts';

const text = z.exactOptional(z.string());

/** What the models of update and download sessions have in common, but for their states. */
export const itemSessionFields = {
  id: z.exactOptional(Id),
  libraryItemId: z.exactOptional(Id),
  /** Of the item when the session began. */
  libraryItemContentVersion: text,
  errorMessage: z.exactOptional(LocalizableMessage),
  /** Percent, as the client said. */
  clientProgress: z.exactOptional(Long),
  expirationTime: text,
} as const;

/** A session about the files of an item of a content library as the engine keeps it, whatever it is for. */
export const ItemSession = z.object({
  id: Id,
  /** Who made it; no one else sees it. */
  owner: z.string(),
  clientToken: z.string(),
  libraryItemId: Id,
  /** Content version of the item when the session began; of an update session that is `DONE`, the one it made. */
  contentVersion: Long,
  /** Percent, as the client said. */
  progress: Long,
  /** Milliseconds since 1970; so is `expiresAt`. */
  createdAt: Long,
  expiresAt: Long,
});
export type ItemSession = z.infer<typeof ItemSession>;
