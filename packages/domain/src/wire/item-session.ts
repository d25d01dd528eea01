import { z } from 'zod';
import { Id } from '../structure.ts';
import { toSnakeCase } from './names.ts';

/** The service of update or download sessions of an item, or of their files. */
interface ItemSessionService {
  readonly service: string;
  readonly path: string;
  /** The field of an input that names the session. */
  readonly id: string;
}

/** How both kinds of sessions are called (public reference, sections A.2 and A.3); structures and `call` are each one's own. */
export function itemSessionCalls({ service, path, id }: ItemSessionService) {
  const get = { service, operation: 'get', method: 'GET', path: `${path}/id:{${id}}`, errors: ['NOT_FOUND'] } as const;
  return {
    create: { service, operation: 'create', method: 'POST', path, bareField: 'createSpec', output: Id },
    get,
    list: {
      service,
      operation: 'list',
      method: 'GET',
      path,
      fieldsIn: 'query',
      input: z.object({ libraryItemId: z.exactOptional(Id) }),
      output: z.array(Id).readonly(),
    },
    delete: { ...get, operation: 'delete', method: 'DELETE' },
  } as const;
}

/** How the files of both are looked at. */
export const itemSessionFileCalls = ({ service, path, id }: ItemSessionService) =>
  ({
    list: { service, operation: 'list', method: 'GET', path, fieldsIn: 'query', errors: ['NOT_FOUND'] },
    get: {
      service,
      operation: 'get',
      method: 'POST',
      path: `${path}/id:{${id}}`,
      action: 'get',
      errors: ['NOT_FOUND'],
    },
  }) as const;

/** What is done to a session, or to a file of it, while it is active. */
export const itemSessionAction = ({ service, path, id }: ItemSessionService, action: string) =>
  ({
    service,
    operation: toSnakeCase(action),
    method: 'POST',
    path: `${path}/id:{${id}}`,
    action,
    errors: ['NOT_FOUND', 'NOT_ALLOWED_IN_CURRENT_STATE'],
  }) as const;
