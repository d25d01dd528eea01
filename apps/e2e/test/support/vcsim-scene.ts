import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRestBackend } from '@ovfkit/rest';
import { connectVim, createInventoryServices, retrieveAll, text, type VimClient } from '@ovfkit/vsphere';
import { startVcsim, type Vcsim } from '../../../../packages/vsphere/test/support/vcsim.ts';
import { type Ended, runOvfkit } from '../../src/ovfkit.ts';
import { makeAppliance } from '../../src/sample-appliance.ts';

/** A vCenter or an ESXi host that is not ours, with a package to import. */
export interface VcsimScene {
  readonly vcsim: Vcsim;
  readonly folder: string;
  /** Path of an archive that asks for no newer hardware than the simulator has. */
  readonly appliance: string;
  /** Bytes of its files. */
  readonly size: number;
  /** `vi://user@host`, for paths to follow. */
  readonly locator: string;
  /** Runs the command line as a user whose environment knows the password and the certificate. */
  ovfkit(args: readonly string[], options?: Omit<Parameters<typeof runOvfkit>[1], 'config'>): Promise<Ended>;
  machines(): Promise<readonly string[]>;
  /** Makes a local content library; resolves to what counts its items. */
  makeLibrary(name: string): Promise<() => Promise<number>>;
  /** What the command line has left in the folder for temporary files. */
  leftBehind(): Promise<readonly string[]>;
  close(): Promise<void>;
}

const access = ({ url, user, password, thumbprint }: Vcsim) => ({ url, user, password, thumbprint });

export async function openVcsimScene(
  args: readonly string[] = [],
  capacities: readonly number[] = [3 * 1024 ** 2],
): Promise<VcsimScene> {
  const vcsim = await startVcsim(args);
  const folder = await mkdtemp(join(tmpdir(), 'ovfkit-vcsim-'));
  const sample = await makeAppliance({ folder: join(folder, 'sample'), name: 'sample', capacities });
  const appliance = join(folder, 'sample.ova');
  const config = join(folder, 'config');
  await runOvfkit(['repair', sample.folder, '-o', appliance, '--hardware', 'vmx-13'], { config });
  const vim = await connectVim(access(vcsim));
  const env = { OVFKIT_PASSWORD: vcsim.password, TMPDIR: folder };
  return {
    vcsim,
    folder,
    appliance,
    size: sample.size,
    locator: `vi://${vcsim.user}@${new URL(vcsim.url).host}`,
    ovfkit: (words, options = {}) => runOvfkit(words, { config, ...options, env: { ...env, ...options.env } }),
    machines: () => namesIn(vim),
    makeLibrary: (name) => makeLibrary(vcsim, { vim, name }),
    leftBehind: async () => (await readdir(folder)).filter((each) => each.startsWith('.ovfkit-')),
    async close() {
      await vim.close();
      await vcsim.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function namesIn(vim: VimClient): Promise<readonly string[]> {
  const machines = await retrieveAll(vim, { type: 'VirtualMachine', properties: { name: text } });
  return machines.map(({ properties }) => properties.name).toSorted();
}

async function makeLibrary(vcsim: Vcsim, { vim, name }: { readonly vim: VimClient; readonly name: string }) {
  const { contentLibrary, close } = await createRestBackend(access(vcsim));
  try {
    const [datastore] = await createInventoryServices(vim).datastore.list({});
    const storageBackings = [{ type: 'DATASTORE', datastoreId: datastore?.datastore ?? '' }];
    const libraryId = await contentLibrary.localLibrary.create({
      createSpec: { name, type: 'LOCAL', storageBackings },
    });
    return async () => {
      const again = await createRestBackend(access(vcsim));
      try {
        return (await again.contentLibrary.item.list({ libraryId })).length;
      } finally {
        await again.close();
      }
    };
  } finally {
    await close();
  }
}
