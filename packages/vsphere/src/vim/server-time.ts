import { currentTime, serviceInstance } from './service-content.ts';
import type { VimClient } from './vim-client.ts';

/** The clock of the server, as it writes it: the least that can be asked of it. */
export const serverTime = (vim: VimClient, signal?: AbortSignal): Promise<string> =>
  vim.call(currentTime, { object: serviceInstance, signal });
