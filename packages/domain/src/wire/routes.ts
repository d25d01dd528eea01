import { contentLibraryRoutes } from './content-library.ts';
import { downloadSessionRoutes } from './download-session.ts';
import { exportSessionRoutes } from './export-session.ts';
import { importSessionRoutes } from './import-session.ts';
import { inventoryRoutes } from './inventory.ts';
import { libraryItemRoutes } from './library-item.ts';
import { flagRoutes } from './ovf-flag.ts';
import { probeImportSessionRoutes } from './probe-import-session.ts';
import { loginRoutes } from './session.ts';
import { updateSessionRoutes } from './update-session.ts';

/** Every operation a `SessionBackend` serves: the 23 of the contract's section 2, the inventory, the content library, and our few additions. */
export const operationRoutes = {
  importSession: importSessionRoutes,
  probeImportSession: probeImportSessionRoutes,
  exportSession: exportSessionRoutes,
  ...flagRoutes,
  libraryItem: libraryItemRoutes,
  ...inventoryRoutes,
  ...contentLibraryRoutes,
  ...updateSessionRoutes,
  ...downloadSessionRoutes,
} as const;

/** The same as a list. */
export const operations = Object.values(operationRoutes).flatMap((service) => Object.values(service));
/** All operations, and the API session, which no backend serves: the one route table. */
export const routes = [...operations, ...Object.values(loginRoutes)];
