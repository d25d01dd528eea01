import type { Core, Principal } from '../core.ts';
import type { DownloadFlow } from './download-flow.ts';
import type { UpdateFlow } from './updates.ts';

/** What the services of the content library work with, for one caller. */
export interface LibraryParts {
  readonly core: Core;
  readonly updates: UpdateFlow;
  readonly downloads: DownloadFlow;
  readonly principal: Principal;
}
