import {
  type InventoryServices,
  type NearPool,
  type PowerState,
  type SessionBackend,
  SessionError,
} from '@ovfkit/domain';
import { type Descriptor, productsOf } from '@ovfkit/package-format';
import { CliError } from '../errors.ts';
import type { Candidate } from './placement.ts';

/** What to do when the name is taken. */
export const ifExistsChoices = ['fail', 'skip', 'replace', 'rename'] as const;
export type IfExists = (typeof ifExistsChoices)[number];

/** What has a name at the target. */
export interface Existing {
  readonly kind: 'vm' | 'vapp';
  readonly id: string;
}

/** What became of a name. */
export type Decision =
  /** `name` is to be given; absent as the command or the package says. */
  | { readonly kind: 'import'; readonly name?: string; readonly replaces?: Existing }
  | { readonly kind: 'skip'; readonly name: string; readonly existing: Existing };

/** The name a target gives what is made of a package when none is asked for. */
export function nameInPackage(descriptor: Descriptor): string {
  const { content } = descriptor;
  return content.name ?? productsOf(descriptor)[0]?.product ?? content.id;
}

interface Question {
  /** That is wanted; unknown for what the target fetches by its own. */
  readonly name: string | undefined;
  /** Names are taken within a folder; unknown where the target chooses it. */
  readonly folder: Candidate | undefined;
  /** Where that folder is in any case. */
  readonly near: NearPool;
  readonly ifExists: IfExists | undefined;
  readonly signal: AbortSignal;
}

interface Found extends Existing {
  readonly name: string;
  readonly isRunning: boolean;
}

const runs = (powerState: PowerState | (string & {})): boolean => powerState !== 'POWERED_OFF';

async function everythingIn(
  { inventory, features }: SessionBackend,
  { folder, near, signal }: Question,
): Promise<readonly Found[]> {
  const [vms, vapps] = await Promise.all([
    inventory.vm.list(folder === undefined ? near : { folders: [folder.id] }, { signal }),
    features.vappList ? inventory.vapp.list(await foldersOf(inventory, { folder, near, signal }), { signal }) : [],
  ]);
  return [
    ...vms.map(({ vm, name, powerState }) => ({ kind: 'vm' as const, id: vm, name, isRunning: runs(powerState) })),
    ...vapps.map(({ vapp, name }) => ({ kind: 'vapp' as const, id: vapp, name, isRunning: false })),
  ];
}

/** vApps are not listed by datacenters. */
async function foldersOf(
  inventory: InventoryServices,
  { folder, near, signal }: Pick<Question, 'folder' | 'near' | 'signal'>,
): Promise<{ readonly folders?: string[] }> {
  if (folder !== undefined) return { folders: [folder.id] };
  if (near.datacenters === undefined) return {};
  const found = await inventory.folder.list({ ...near, type: 'VIRTUAL_MACHINE' }, { signal });
  return { folders: found.map((each) => each.folder) };
}

const titles = { vm: 'virtual machine', vapp: 'vApp' } as const;

/** `web`, `web-2`, `web-3`, …: the first that nobody has. */
function freeName(name: string, taken: ReadonlySet<string>): string {
  for (let number = 2; ; number += 1) if (!taken.has(`${name}-${number}`)) return `${name}-${number}`;
}

/**
 * Asks the target whether the name is taken, before anything is sent, and decides as asked. Without `--if-exists`, and
 * without one folder to look in, it is left to the target.
 * @throws CliError when it is taken and is to stay, or runs and is to be replaced
 */
export async function decideOnExisting(backend: SessionBackend, question: Question): Promise<Decision> {
  const { name, folder, ifExists } = question;
  if (name === undefined || (ifExists === undefined && folder === undefined)) return { kind: 'import' };
  const there = await everythingIn(backend, question);
  const same = there.filter((each) => each.name === name);
  const [existing, second] = same;
  if (existing === undefined) return { kind: 'import' };
  const { kind, id } = existing;
  switch (ifExists ?? 'fail') {
    case 'skip':
      return { kind: 'skip', name, existing: { kind, id } };
    case 'rename':
      return { kind: 'import', name: freeName(name, new Set(there.map((each) => each.name))) };
    case 'replace':
      if (second === undefined && !existing.isRunning) return { kind: 'import', name, replaces: { kind, id } };
      throw new CliError('targetRefused', `${name} ${second === undefined ? 'runs' : 'is the name of several'}`, {
        details: same.map((each) => `${each.name} (${each.id})`),
        hint: second === undefined ? 'Stop it first.' : 'Say which folder with --folder.',
      });
    case 'fail':
      throw new CliError('targetRefused', `There is a ${titles[kind]} ${JSON.stringify(name)} already (${id})`, {
        hint: 'Choose another name with -n, or say what to do: --if-exists skip, replace or rename.',
      });
  }
}

/** Deletes what gives up its name; nothing when it is gone already. @throws SessionError NOT_ALLOWED_IN_CURRENT_STATE while it runs */
export async function makeRoom(
  { vm, vapp }: InventoryServices,
  { existing: { kind, id }, signal }: { readonly existing: Existing; readonly signal: AbortSignal },
): Promise<void> {
  try {
    if (kind === 'vm') await vm.delete({ vm: id }, { signal });
    else await vapp.delete({ vapp: id }, { signal });
  } catch (error) {
    if (!(error instanceof SessionError) || error.kind !== 'NOT_FOUND') throw error;
  }
}
