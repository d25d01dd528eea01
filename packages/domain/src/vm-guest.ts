import { z } from 'zod';
import { LocalizableMessage } from './localizable-message.ts';
import { structure } from './structure.ts';

const text = z.exactOptional(z.string());

/** What a guest that runs tells of itself through VMware Tools. */
export const GuestIdentity = structure({
  /** Such as `UBUNTU_64`, and `LINUX`. */
  name: text,
  family: text,
  fullName: z.exactOptional(LocalizableMessage),
  hostName: text,
  /** Absent while it has none. */
  ipAddress: text,
});
export type GuestIdentity = z.infer<typeof GuestIdentity>;
