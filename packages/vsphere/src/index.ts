export { createLibraryInventory, type LibraryInventoryOptions } from './library/library-inventory.ts';
export type { AboutInfo, ServiceContent, VimCall, VimClient, VimFault, VimMethod } from './vim/vim-client.ts';
export type { Shape, ValueOf } from './vim/vim-shape.ts';
export { type ManagedObject, managedObject, type VimObject, type VimValue } from './vim/vim-value.ts';
