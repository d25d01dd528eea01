import {
  CreateLibraryItem,
  CreateLibraryItemResult,
  DeployLibraryItem,
  DeploymentResult,
  FilterLibraryItem,
  OvfSummary,
} from '../library-item.ts';
import { operation } from './route.ts';

const path = '/rest/com/vmware/vcenter/ovf/library-item';
const service = 'library_item';

/** Section 6.4 of the contract. */
export const libraryItemRoutes = {
  create: operation({
    service,
    operation: 'create',
    method: 'POST',
    path,
    input: CreateLibraryItem,
    output: CreateLibraryItemResult,
    errors: ['INVALID_ARGUMENT', 'NOT_FOUND', 'NOT_ALLOWED_IN_CURRENT_STATE', 'RESOURCE_INACCESSIBLE', 'RESOURCE_BUSY'],
    call: (backend, input, options) => backend.libraryItem.create(input, options),
  }),
  deploy: operation({
    service,
    operation: 'deploy',
    method: 'POST',
    path: `${path}/id:{ovfLibraryItemId}`,
    action: 'deploy',
    input: DeployLibraryItem,
    output: DeploymentResult,
    errors: ['INVALID_ARGUMENT', 'NOT_FOUND', 'RESOURCE_INACCESSIBLE', 'UNAUTHORIZED'],
    call: (backend, input, options) => backend.libraryItem.deploy(input, options),
  }),
  filter: operation({
    service,
    operation: 'filter',
    method: 'POST',
    path: `${path}/id:{ovfLibraryItemId}`,
    action: 'filter',
    input: FilterLibraryItem,
    output: OvfSummary,
    errors: ['INVALID_ARGUMENT', 'NOT_FOUND', 'RESOURCE_INACCESSIBLE'],
    call: (backend, input, options) => backend.libraryItem.filter(input, options),
  }),
} as const;
