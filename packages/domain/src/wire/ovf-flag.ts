import { z } from 'zod';
import { Capability, OvfFlag } from '../ovf-flag.ts';
import { Id } from '../structure.ts';
import { operation } from './route.ts';

const path = '/rest/com/vmware/vcenter/ovf';
const Flags = z.array(OvfFlag).readonly();

/** Sections 6.1 to 6.3 of the contract: flags and capability. */
export const flagRoutes = {
  exportFlag: {
    list: operation({
      service: 'export_flag',
      operation: 'list',
      method: 'GET',
      path: `${path}/export-flag`,
      input: z.object({}),
      output: Flags,
      call: (backend, input, options) => backend.exportFlag.list(input, options),
    }),
  },
  importFlag: {
    list: operation({
      service: 'import_flag',
      operation: 'list',
      method: 'GET',
      path: `${path}/import-flag`,
      fieldsIn: 'query',
      input: z.object({ rp: Id }),
      output: Flags,
      errors: ['NOT_FOUND'],
      call: (backend, input, options) => backend.importFlag.list(input, options),
    }),
  },
  capability: {
    get: operation({
      service: 'capability',
      operation: 'get',
      method: 'GET',
      path: `${path}/capability/id:{serverGuid}`,
      input: z.object({ serverGuid: Id }),
      output: Capability,
      errors: ['INVALID_ARGUMENT'],
      call: (backend, input, options) => backend.capability.get(input, options),
    }),
  },
} as const;
