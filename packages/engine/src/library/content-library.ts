import type { ContentLibraryServices } from '@ovfkit/domain';
import { createDownloadSessionFileService, createDownloadSessionService } from './download-session.ts';
import { createContentItemService, createItemFileService, createItemStorageService } from './items.ts';
import { createLibraryService, createLocalLibraryService } from './libraries.ts';
import type { LibraryParts } from './library-parts.ts';
import { createUpdateSessionService } from './update-session.ts';
import { createUpdateSessionFileService } from './update-session-file.ts';

/** The content library as one caller sees it. */
export const createContentLibrary = (parts: LibraryParts): ContentLibraryServices => ({
  library: createLibraryService(parts),
  localLibrary: createLocalLibraryService(parts),
  item: createContentItemService(parts),
  itemFile: createItemFileService(parts),
  itemStorage: createItemStorageService(parts),
  updateSession: createUpdateSessionService(parts),
  updateSessionFile: createUpdateSessionFileService(parts),
  downloadSession: createDownloadSessionService(parts),
  downloadSessionFile: createDownloadSessionFileService(parts),
});
