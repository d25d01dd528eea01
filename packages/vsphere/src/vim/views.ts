import { SessionError } from '@ovfkit/domain';
import type { VimClient, VimMethod } from './vim-client.ts';
import { nothing, reference } from './vim-shape.ts';
import type { ManagedObject } from './vim-value.ts';

const createContainerView: VimMethod<ManagedObject> = {
  name: 'CreateContainerView',
  result: reference,
  isRepeatable: true, // one that nobody knows ends with the session
};
const destroyView: VimMethod<void> = { name: 'DestroyView', result: nothing, isRepeatable: false };

/** What machines are put into and connected to. There are few of them, so that one view has all. */
const places: readonly string[] = [
  'Datacenter',
  'Folder',
  'ComputeResource',
  'ClusterComputeResource',
  'HostSystem',
  'ResourcePool',
  'VirtualApp',
  'Datastore',
  'Network',
];

/** The view of places that each client has made in its session, for vSphere keeps it up to date. */
const kept = new WeakMap<VimClient, Promise<ManagedObject>>();

export interface Viewing {
  /** Of the objects wanted; a view may hold others besides. */
  readonly type: string;
  /** The whole inventory when absent. */
  readonly container: ManagedObject | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Has `use` read what lies in a view of the objects of a type.
 * @throws SessionError NOT_FOUND when the container does not exist; UNSUPPORTED; as `use` does
 */
export async function withView<Result>(
  vim: VimClient,
  { type, container, signal }: Viewing,
  use: (view: ManagedObject) => Promise<Result>,
): Promise<Result> {
  if (container === undefined && places.includes(type)) return withPlaces(vim, use);
  const view = await createView(vim, { types: [type], container, signal });
  try {
    return await use(view);
  } finally {
    vim.call(destroyView, { object: view }).catch(() => undefined); // nobody waits for it: it ends with the session
  }
}

/** The view has ended where its session has, and is made anew then. */
async function withPlaces<Result>(vim: VimClient, use: (view: ManagedObject) => Promise<Result>): Promise<Result> {
  const known = kept.get(vim);
  if (known === undefined) return use(await keptView(vim));
  try {
    return await use(await known);
  } catch (error) {
    if (!(error instanceof SessionError) || error.kind !== 'NOT_FOUND') throw error;
    if (kept.get(vim) === known) kept.delete(vim); // nobody else has seen it yet
    return use(await keptView(vim));
  }
}

/** Not ended by anybody's signal, for others wait for it too. */
function keptView(vim: VimClient): Promise<ManagedObject> {
  const view = kept.get(vim) ?? createView(vim, { types: places, container: undefined, signal: undefined });
  kept.set(vim, view);
  view.catch(() => kept.delete(vim));
  return view;
}

async function createView(
  vim: VimClient,
  { types, container, signal }: Omit<Viewing, 'type'> & { readonly types: readonly string[] },
): Promise<ManagedObject> {
  const { viewManager, rootFolder } = vim.content;
  if (viewManager === undefined) throw new SessionError('UNSUPPORTED', `${vim.about.fullName} has no views.`);
  const args = { container: container ?? rootFolder, type: [...types], recursive: true };
  return vim.call(createContainerView, { object: viewManager, args, signal });
}
