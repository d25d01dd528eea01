import type { CallOptions, Judgement, StoredFile } from '@ovfkit/domain';
import { blobKey } from './blob-key.ts';
import type { Core } from './core.ts';
import { type ChosenImport, machineFiles, newEntityOf } from './new-entity.ts';
import { withDatastore } from './parameters/datastore-mapping.ts';
import type { Evaluation } from './parameters/evaluate.ts';

interface Question extends Omit<ChosenImport, 'selection'> {
  readonly evaluation: Evaluation;
}

const nothing: Judgement = { errors: [], warnings: [] };

/**
 * What the inventory says of an import before its files are here; nothing while the parameters do not say what would be made. The name is
 * left out where it is wrong anyhow. @throws SessionError when the inventory cannot tell now
 */
export async function judge(
  { inventory }: Pick<Core, 'inventory'>,
  { evaluation, parameters, ...question }: Question,
  options: CallOptions,
): Promise<Judgement> {
  if (!saysWhatIsMade(evaluation)) return nothing;
  const { selection } = evaluation;
  const chosen = { ...question, selection, parameters: withDatastore(parameters, selection.storage) };
  const { errors, warnings } = await inventory.judge(newEntityOf(chosen, announcedFiles(chosen)), options);
  const isNameWrong = [...evaluation.problems, ...evaluation.missing].some(({ name }) => name === 'name');
  return { errors: errors.filter(({ about }) => about !== 'name' || !isNameWrong), warnings };
}

/** What only has to be agreed to, or filled in, does not keep the rest from being judged. */
const saysWhatIsMade = ({ problems, missing }: Evaluation): boolean =>
  problems.every(({ name }) => name === 'name' || name.startsWith('dependencies.')) &&
  missing.every(({ name }) => name !== 'source_networks' && name !== 'target_datastore');

/** As the descriptor tells of them. */
function announcedFiles(chosen: ChosenImport): ReadonlyMap<string, StoredFile> {
  const address = { kind: 'import', id: chosen.session.id } as const;
  return new Map(
    machineFiles(chosen).map(({ reference: { id, href: name, size = 0, compression } }) => {
      const file = { name, blob: blobKey(address, name), size, sha256: '' };
      return [id, compression === undefined ? file : { ...file, compression }];
    }),
  );
}
