import { z } from 'zod';
import { structure } from '../structure.ts';
import { route } from './route.ts';

/** The header that carries the token of an API session; also the name of the cookie. */
export const sessionHeader = 'vmware-api-session-id';

/** On login: answer with the token in the body only, set no cookie (contract, section 1.3). */
export const headerOnlyLogin = 'vmware-use-header-authn';

/** Who is logged in. Times are ISO 8601 in UTC. */
export const ApiSession = structure({ user: z.string(), createdTime: z.string(), lastAccessedTime: z.string() });
export type ApiSession = z.infer<typeof ApiSession>;

const path = '/rest/com/vmware/cis/session';
const service = 'session';
const none = z.object({});

/** The API session: HTTP Basic in, a token out (contract, section 1.3). */
export const loginRoutes = {
  create: route({
    service,
    operation: 'create',
    method: 'POST',
    path,
    input: none,
    output: z.string(),
    errors: ['UNAUTHENTICATED'],
  }),
  get: route({
    service,
    operation: 'get',
    method: 'POST',
    path,
    action: 'get',
    input: none,
    output: ApiSession,
    errors: ['UNAUTHENTICATED'],
  }),
  /** What many clients send, and the only form in `/api` (contract, 14.4). */
  getByGet: route({
    service,
    operation: 'get',
    method: 'GET',
    path,
    input: none,
    output: ApiSession,
    errors: ['UNAUTHENTICATED'],
  }),
  delete: route({ service, operation: 'delete', method: 'DELETE', path, input: none, errors: ['UNAUTHENTICATED'] }),
} as const;
