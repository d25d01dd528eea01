import { type InventoryServices, type PowerState, type SessionBackend, SessionError } from '@ovfkit/domain';
import { type Descriptor, productsOf } from '@ovfkit/package-format';
import { CliError } from '../errors.ts';
import type { Candidate } from './candidate.ts';

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
  readonly ifExists: IfExists | undefined;
  readonly signal: AbortSignal;
}

interface Found extends Existing {
  readonly name: string;
  readonly isRunning: boolean;
}

const runs = (powerState: PowerState | (string & {})): boolean => powerState !== 'POWERED_OFF';

interface Looking {
  readonly folder: Candidate;
  /** All when absent, of which there may be thousands. */
  readonly names?: readonly string[];
  readonly signal: AbortSignal;
}

async function foundIn(
  { inventory, features }: SessionBackend,
  { folder, names, signal }: Looking,
): Promise<readonly Found[]> {
  const within = { folders: [folder.id], ...(names === undefined ? {} : { names: [...names] }) };
  const [vms, vapps] = await Promise.all([
    inventory.vm.list(within, { signal }),
    features.vappList ? inventory.vapp.list(within, { signal }) : [],
  ]);
  return [
    ...vms.map(({ vm, name, powerState }) => ({ kind: 'vm' as const, id: vm, name, isRunning: runs(powerState) })),
    ...vapps.map(({ vapp, name }) => ({ kind: 'vapp' as const, id: vapp, name, isRunning: false })),
  ];
}

const titles = { vm: 'virtual machine', vapp: 'vApp' } as const;

/** `web`, `web-2`, `web-3`, …: the first that nobody has. */
function freeName(name: string, taken: ReadonlySet<string>): string {
  for (let number = 2; ; number += 1) if (!taken.has(`${name}-${number}`)) return `${name}-${number}`;
}

/**
 * Asks the target whether the name is taken in the folder, before anything is sent, and decides as asked. Without `--if-exists`, and
 * without a folder to look in, it is left to the target.
 * @throws CliError when it is taken and is to stay, or runs and is to be replaced; without a folder to look in
 */
export async function decideOnExisting(backend: SessionBackend, question: Question): Promise<Decision> {
  const { name, folder, ifExists, signal } = question;
  if (name === undefined || (ifExists === undefined && folder === undefined)) return { kind: 'import' };
  if (folder === undefined)
    throw new CliError('usage', 'The target does not tell which folder the machine will be in', {
      hint: 'Names are taken within a folder: say which with --folder.',
    });
  const same = await foundIn(backend, { folder, names: [name], signal });
  const [existing, second] = same;
  if (existing === undefined) return { kind: 'import' };
  const { kind, id } = existing;
  switch (ifExists ?? 'fail') {
    case 'skip':
      return { kind: 'skip', name, existing: { kind, id } };
    case 'rename': {
      const all = await foundIn(backend, { folder, signal });
      return { kind: 'import', name: freeName(name, new Set(all.map((each) => each.name))) };
    }
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

/** A name that nobody has, by which a target judges the rest while the name that is wanted is taken. */
export const provisionalName = (name: string, mark: string): string =>
  `${name.slice(0, longestName - 1 - mark.length)}-${mark}`;

/** Of what vSphere takes. */
const longestName = 80;

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
