import { type InventoryServices, SessionError } from '@ovfkit/domain';
import type { ImportScene } from '../import/import-scene.ts';
import { readBack } from './read-back.ts';
import { waitForAddress } from './wait-for-address.ts';

/** What was made: a virtual machine, or a vApp. */
export interface MadeIds {
  readonly vmId?: string | undefined;
  readonly vappId?: string | undefined;
}

/** What came after an import. */
export interface Afterwards {
  /** What is not as it was asked for, one sentence each. With any nothing else was done. */
  readonly differences: readonly string[];
  /** Of the guests, by machine, when they were waited for. */
  readonly addresses: readonly { readonly vm: string; readonly address: string }[];
}

type Finishing = Pick<ImportScene, 'backend' | 'options' | 'report' | 'looked'> & {
  readonly context: Pick<ImportScene['context'], 'signal'>;
  readonly connection: Pick<ImportScene['connection'], 'vim'>;
};

/**
 * What is wanted when the machines are there: looks whether they are what was asked for, then makes templates of them, or powers them on and
 * waits for their addresses. Each step may be repeated. Whatever fails, or is interrupted, the machines stay.
 * @throws SessionError of the step that failed, its text saying what stays; CliError when no address came in time
 */
export async function finishImport(scene: Finishing, made: MadeIds): Promise<Afterwards> {
  const { context, options, report } = scene;
  const { powerOn, waitForIp, markAsTemplate } = options;
  try {
    const vms = await machinesOf(scene, made);
    const { errors: differences, warnings } = await readBack(
      made.vappId === undefined ? scene : ofMachinesIn(scene),
      vms,
    );
    for (const message of [...differences, ...warnings]) report.event({ type: 'warning', message });
    if (differences.length > 0) return { differences, addresses: [] };
    if (markAsTemplate) await forEach(vms, (vm) => markTemplate(scene, vm));
    if (powerOn || waitForIp !== undefined) await startAll(scene, { vappId: made.vappId, vms });
    const addresses = waitForIp === undefined ? [] : await waitForAddress(scene, { vms, seconds: waitForIp });
    return { differences, addresses };
  } catch (error) {
    const { vmId, vappId } = made;
    const what = vappId === undefined ? `The virtual machine ${vmId ?? ''}` : `The vApp ${vappId}`;
    report.event({ type: 'information', message: `${what} is complete and stays.` });
    context.signal.throwIfAborted();
    throw error;
  }
}

/** The name and the annotation that were asked for are those of the vApp itself. */
const ofMachinesIn = (scene: Finishing): Finishing => ({
  ...scene,
  options: { ...scene.options, name: undefined, annotation: undefined },
});

/** The machine, or those of the vApp in the order the target lists them. */
async function machinesOf(scene: Finishing, { vmId, vappId }: MadeIds): Promise<readonly string[]> {
  if (vmId !== undefined) return [vmId];
  if (vappId === undefined) return [];
  const [vapp] = (await (await vappsAt(scene))?.list({ vapps: [vappId] }, scene.context)) ?? [];
  return vapp?.vms ?? [];
}

/** vCenter's REST API lists no vApps, and its vim25 does. */
async function vappsAt({ backend, connection }: Finishing): Promise<InventoryServices['vapp'] | undefined> {
  if (backend.features.vappList) return backend.inventory.vapp;
  const vim = await connection.vim();
  if (vim === undefined) return undefined;
  const { createInventoryServices } = await import('@ovfkit/vsphere');
  return createInventoryServices(vim).vapp;
}

/** One after the other: a vApp's machines may need each other. */
async function forEach(vms: readonly string[], step: (vm: string) => Promise<void>): Promise<void> {
  for (const vm of vms) await step(vm);
}

interface Starting {
  readonly vappId: string | undefined;
  readonly vms: readonly string[];
}

/** A vApp is started as one, in the order that it has; where nobody does that its machines are, as they are listed. */
async function startAll(scene: Finishing, { vappId, vms }: Starting): Promise<void> {
  const vapps = vappId === undefined ? undefined : await vappsAt(scene);
  if (vappId === undefined || vapps === undefined) return forEach(vms, (vm) => start(scene, vm));
  const { context, report } = scene;
  try {
    await unlessDone(`${vappId} could not be powered on`, () => vapps.start({ vapp: vappId }, context));
  } catch (error) {
    // an older ovfkitd
    if (!(error instanceof SessionError) || error.kind !== 'OPERATION_NOT_FOUND') throw error;
    return forEach(vms, (vm) => start(scene, vm));
  }
  report.event({ type: 'information', message: `${vappId} is powered on, with ${vms.length} machines` });
}

async function start({ backend, context, report }: Finishing, vm: string): Promise<void> {
  await unlessDone(`${vm} could not be powered on`, () => backend.inventory.power.start({ vm }, context));
  report.event({ type: 'information', message: `${vm} is powered on` });
}

async function markTemplate({ backend, context, report }: Finishing, vm: string): Promise<void> {
  await unlessDone(`${vm} could not be made a template`, () => backend.inventory.vm.markAsTemplate({ vm }, context));
  report.event({ type: 'information', message: `${vm} is a template` });
}

/** A step that an earlier process did already is done. */
async function unlessDone(failure: string, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    if (error.kind === 'ALREADY_IN_DESIRED_STATE') return;
    throw new SessionError(error.kind, `${failure}: ${error.message}`, { data: error.data, cause: error });
  }
}
