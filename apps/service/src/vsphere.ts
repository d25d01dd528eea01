import { readFile, stat } from 'node:fs/promises';
import type { BlobStore, Inventory } from '@ovfkit/domain';
import type { Logger } from 'pino';
import { ConfigError } from './config.ts';
import type { Config } from './settings.ts';
import type { Connected } from './upstream.ts';
import { version } from './version.ts';

/** Where machines are made. Whoever opened it closes it. */
export interface OpenInventory {
  readonly inventory: Inventory;
  /** Whether what it lies on answers now; nothing where that is this service. */
  readonly answers?: () => Promise<boolean>;
  close(): Promise<void>;
}

interface Beside {
  /** What there is without a vCenter. */
  readonly own: Inventory;
  readonly blobs: BlobStore;
  readonly log: Logger;
}

/**
 * The inventory of the service: its own, or that of the vCenter it is a gateway to, which may be away for now: what only looks is refused then,
 * what makes and removes waits for it.
 * @throws ConfigError for files that cannot be read, or may be by others; SessionError when the vCenter does not let us in
 */
export async function openInventory({ vsphere }: Config, { own, blobs, log }: Beside): Promise<OpenInventory> {
  if (vsphere === undefined) return { inventory: own, close: async () => undefined };
  const access = await accessOf(vsphere);
  const { openUpstream } = await import('./upstream.ts');
  const { url } = vsphere;
  const connect = (signal: AbortSignal): Promise<Gateway> => connectTo(vsphere, { access, blobs, log, signal });
  const upstream = await openUpstream({ url, log, connect });
  const { createVsphereInventory } = await import('@ovfkit/vsphere');
  const looking = createVsphereInventory({ vim: upstream.vim, blobs });
  const gateway = async (signal?: AbortSignal): Promise<Inventory> => (await upstream.connected(signal)).inventory;
  return {
    inventory: {
      ...looking,
      features: { exportRunning: vsphere.via !== 'library' },
      judge: async (request, options) => (await gateway(options?.signal)).judge(request, options),
      create: async (request, options) => (await gateway(options?.signal)).create(request, options),
      made: async (key, entity) => (await gateway()).made(key, entity),
      discard: async (key, options) => (await gateway(options?.signal)).discard(key, options),
      stage: async (staging, options) => (await gateway(options?.signal)).stage(staging, options),
    },
    answers: upstream.answers,
    close: () => upstream.close(),
  };
}

type VsphereConfig = NonNullable<Config['vsphere']>;
type Access = Awaited<ReturnType<typeof accessOf>>;

async function accessOf({ url, user, thumbprint, ca: caFile, passwordFile }: VsphereConfig) {
  const ca = caFile === undefined ? undefined : await readSetting('vsphere.ca', caFile);
  return {
    url,
    user,
    password: await readPassword(passwordFile),
    userAgent: `ovfkitd/${version}`,
    ...(thumbprint === undefined ? {} : { thumbprint }),
    ...(ca === undefined ? {} : { ca }),
  };
}

interface Gateway extends Connected {
  readonly inventory: Inventory;
}

interface Connecting extends Omit<Beside, 'own'> {
  readonly access: Access;
  readonly signal: AbortSignal;
}

async function connectTo(
  { url, via = 'lease', library }: VsphereConfig,
  { access, blobs, log, signal }: Connecting,
): Promise<Gateway> {
  // most services have no vCenter
  const { connectVim, createLibraryInventory, createVsphereInventory } = await import('@ovfkit/vsphere');
  const vim = await connectVim(access, signal);
  const onNotice = (notice: { readonly key: string; readonly text: string }): void => log.warn(notice, 'vSphere');
  const inventory = createVsphereInventory({ vim, blobs, onNotice, way: via });
  log.info({ url, server: vim.about.fullName, via }, 'gateway');
  if (via === 'lease') return { vim, inventory, close: () => vim.close() };
  const { createRestBackend } = await import('@ovfkit/rest');
  try {
    const vcenter = await createRestBackend({ ...access, signal });
    return {
      vim,
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
