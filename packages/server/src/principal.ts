import type { AnyRoute } from '@ovfkit/domain/wire';
import { z } from 'zod';

/** `viewer` reads, `operator` moves packages, `admin` also sees the sessions of others. */
export const Role = z.enum(['viewer', 'operator', 'admin']);
export type Role = z.infer<typeof Role>;

/** Who calls. */
export interface Principal {
  readonly user: string;
  readonly role: Role;
  /** Names the password it logged in with, and tells nothing of it: another password has another name. */
  readonly credential?: string;
}

// change nothing and make no connection, though they are a POST
const harmless = new Set(['preview', 'find', 'filter', 'get']);

/** Whether a role is enough for an operation. */
export const mayCall = (role: Role, { method, operation }: AnyRoute): boolean =>
  role !== 'viewer' || method === 'GET' || harmless.has(operation);
