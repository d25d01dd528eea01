import { readAll } from '@ovfkit/package-format';
import { maxTextSize } from '@ovfkit/package-format/node';
import { isAtTarget, sourceKindOf } from '../import/import-options.ts';
import type { ImportScene } from '../import/import-scene.ts';
import { openToSend } from '../import/move.ts';
import type { Notes } from './notes.ts';
import { remarkProblem } from './remarks.ts';

/** Notes what the target's vim25, where it has one, says of a descriptor that is read here. */
export async function noteJudgement(scene: ImportScene, notes: Notes): Promise<void> {
  const { context, connection, options } = scene;
  const { signal } = context;
  const vim = await connection.vim();
  const descriptor = vim && (await textOf(scene));
  if (vim === undefined || descriptor === undefined) return;
  const { judgeDescriptor } = await import('@ovfkit/vsphere');
  const judgement = await judgeDescriptor(vim, {
    descriptor,
    deploymentOption: options.deploymentOption,
    leniency: options.lax ? 'lax' : undefined,
    signal,
  });
  for (const remark of judgement?.errors ?? []) notes.add(remarkProblem('error', remark));
  for (const remark of judgement?.warnings ?? []) notes.add(remarkProblem('warning', remark));
}

/** Nothing of a package that only the target reads, or that goes by once. */
async function textOf(scene: ImportScene): Promise<string | undefined> {
  const { context, connection, options } = scene;
  const kind = sourceKindOf(options.source);
  if (kind === 'library' || (connection.via === 'session' && isAtTarget(options))) return undefined;
  const opened = await openToSend(context, scene);
  try {
    if (opened.kind === 'stream') return undefined;
    const { reader } = opened;
    return new TextDecoder().decode(await readAll(reader.read(reader.descriptorName), maxTextSize));
  } finally {
    await opened.close();
  }
}
