export type { ImportNotice } from './import/import-entity.ts';
export { markMade } from './import/made.ts';
export { createInventoryServices } from './inventory/inventory-services.ts';
export { findByPath } from './inventory/look-up.ts';
export { findLeftBehind, type LeftBehind, madeWhole } from './left-behind.ts';
export { failedInLibrary } from './library/library-failure.ts';
export { createLibraryInventory, type LibraryInventoryOptions } from './library/library-inventory.ts';
export { type ItemPackage, readItemPackage } from './library/read-item.ts';
export type { ItemOrigin, Origin, UrlOrigin } from './origin.ts';
export { createOvfsInventory, type OvfsInventoryOptions } from './ovfs/ovfs-inventory.ts';
export { connectVim, type VimOptions } from './vim/connect.ts';
export { faultOf } from './vim/fault.ts';
export { type JudgementQuestion, judgeDescriptor } from './vim/ovf-manager.ts';
export { type Granted, grantedPrivileges } from './vim/privileges.ts';
export { type Properties, type Retrieved, retrieve, retrieveAll, retrieveOne } from './vim/property-collector.ts';
export { serverTime } from './vim/server-time.ts';
export { taskResult } from './vim/task.ts';
export type { AboutInfo, ServiceContent, VimCall, VimClient, VimFault, VimMethod } from './vim/vim-client.ts';
export {
  anything,
  flag,
  list,
  nothing,
  type ObjectOf,
  object,
  optional,
  reference,
  type Shape,
  text,
  type ValueOf,
  whole,
} from './vim/vim-shape.ts';
export { type ManagedObject, managedObject, type VimObject, type VimValue } from './vim/vim-value.ts';
export { createVsphereInventory, type VsphereInventoryOptions } from './vsphere-inventory.ts';
