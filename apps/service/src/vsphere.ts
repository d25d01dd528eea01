import { readFile, stat } from 'node:fs/promises';
import type { BlobStore, Inventory } from '@ovfkit/domain';
import type { Logger } from 'pino';
import { ConfigError } from './config.ts';
import type { Config } from './settings.ts';
import { version } from './version.ts';

/** Where machines are made. Whoever opened it closes it. */
export interface OpenInventory {
  readonly inventory: Inventory;
  close(): Promise<void>;
}

interface Beside {
  /** What there is without a vCenter. */
  readonly own: Inventory;
  readonly blobs: BlobStore;
  readonly log: Logger;
}

/**
 * The inventory of the service: its own, or that of the vCenter it is a gateway to. A vCenter that cannot be reached keeps the service from
 * starting: whoever supervises it starts it again.
 * @throws ConfigError for files that cannot be read, or may be by others; SessionError when the vCenter does not let us in
 */
export async function openInventory({ vsphere }: Config, { own, blobs, log }: Beside): Promise<OpenInventory> {
  if (vsphere === undefined) return { inventory: own, close: async () => undefined };
  const { url, user, thumbprint, via = 'lease', library } = vsphere;
  const ca = vsphere.ca === undefined ? undefined : await readSetting('vsphere.ca', vsphere.ca);
  const password = await readPassword(vsphere.passwordFile);
  const access = {
    url,
    user,
    password,
    userAgent: `ovfkitd/${version}`,
    ...(thumbprint === undefined ? {} : { thumbprint }),
    ...(ca === undefined ? {} : { ca }),
  };
  // most services have no vCenter
  const { connectVim, createLibraryInventory, createVsphereInventory } = await import('@ovfkit/vsphere');
  const vim = await connectVim(access);
  const onNotice = (notice: { readonly key: string; readonly text: string }): void => log.warn(notice, 'vSphere');
  const inventory = createVsphereInventory({ vim, blobs, onNotice });
  log.info({ url, server: vim.about.fullName, via }, 'gateway');
  if (via === 'lease') return { inventory, close: () => vim.close() };
  const { createRestBackend } = await import('@ovfkit/rest');
  try {
    const vcenter = await createRestBackend(access);
    return {
      inventory: createLibraryInventory({ inventory, vcenter, blobs, library }),
      async close() {
        await vcenter.close();
        await vim.close();
      },
    };
  } catch (error) {
    await vim.close();
    throw error;
  }
}

async function readSetting(key: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new ConfigError(`${key}: ${cause instanceof Error ? cause.message : path}`, { cause });
  }
}

/** Editors end a file with a line break, passwords do not. */
async function readPassword(path: string): Promise<string> {
  const text = await readSetting('vsphere.passwordFile', path);
  const { mode } = await stat(path);
  if (process.platform !== 'win32' && mode % 0o100 !== 0)
    throw new ConfigError(`vsphere.passwordFile: others may read ${path}. Run: chmod 600 ${path}`);
  return text.replace(/\r?\n$/, '');
}
