import { createHash } from 'node:crypto';
import type { BlobStore, InventoryServices, NewEntity } from '@ovfkit/domain';
import { readAll, readDescriptor } from '@ovfkit/package-format';
import { maxTextSize } from '@ovfkit/package-format/node';
import { networkRef } from '../network-ref.ts';
import { createRecent } from '../recent.ts';
import { createImportSpec, ovfOptionsOf, type SpecAnswer } from '../vim/ovf-manager.ts';
import type { VimClient } from '../vim/vim-client.ts';
import { type ManagedObject, managedObject } from '../vim/vim-value.ts';
import { importParamsOf } from './import-params.ts';

export interface AskParts {
  readonly vim: VimClient;
  readonly places: Pick<InventoryServices, 'network' | 'datastore' | 'vapp'>;
}

/** What a server would make of a request; nothing of it says which request it was. */
export interface AskedSpec {
  readonly answer: SpecAnswer;
  /** Names of datastores by their ids. */
  readonly datastores: ReadonlyMap<string, string>;
}

export interface SpecQuestion {
  readonly request: NewEntity;
  /** Of the request. */
  readonly pool: ManagedObject;
  /** Texts by the names of their files; none when absent. */
  readonly bundles?: Bundles;
  readonly signal: AbortSignal;
}

type Bundles = ReadonlyMap<string, string>;

/**
 * Asks what the server would make of a request.
 * @throws SessionError NOT_FOUND when a network is not there; UNSUPPORTED by a server that takes no packages; faults of the call
 */
export type AskSpec = (question: SpecQuestion) => Promise<AskedSpec>;

/** Longer descriptors are asked for each time: their answers are as long. */
const longestRemembered = 1024 ** 2;

/**
 * Asks, but not again for what was answered a moment ago: a request is judged before its files come, and then made. What was refused is always
 * asked for anew.
 */
export function createSpecAsking(parts: AskParts): AskSpec {
  const recent = createRecent<AskedSpec>();
  return async (question) => {
    const { request } = question;
    const said = saidBy(question);
    const known = recent.find(said);
    if (known !== undefined) return known;
    const asked = await ask(parts, question);
    if (asked.answer.errors.length === 0 && request.descriptor.length <= longestRemembered) recent.keep(said, asked);
    return asked;
  };
}

/** All that the answer depends on. */
function saidBy({ request, bundles = new Map() }: SpecQuestion): string {
  const { descriptor, entity, parameters, flags = [] } = request;
  const { placement, networks, deploymentOption = '' } = entity;
  const all = [descriptor, ...bundles, placement, networks, deploymentOption, parameters, flags];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex');
}

async function ask(
  { vim, places }: AskParts,
  { request, pool, bundles = new Map(), signal }: SpecQuestion,
): Promise<AskedSpec> {
  const { entity, descriptor } = request;
  const [networks, datastores, options] = await Promise.all([
    places.network.list({ networks: entity.networks.map(({ target }) => target) }, { signal }),
    places.datastore.list({}, { signal }),
    importOptionsOf(vim, { request, signal }),
  ]);
  const networkRefs = new Map(networks.map(({ network, type }) => [network, networkRef(network, type)]));
  const answer = await createImportSpec(vim, {
    descriptor,
    resourcePool: pool,
    datastore: managedObject('Datastore', entity.placement.datastore),
    params: importParamsOf({ entity, networks: networkRefs, options, bundles }),
    signal,
  });
  return { answer, datastores: new Map(datastores.map(({ datastore, name }) => [datastore, name])) };
}

/** Asked only where something of it is wanted: the names are the server's. */
async function importOptionsOf(
  vim: VimClient,
  { request: { flags = [] }, signal }: Pick<SpecQuestion, 'request' | 'signal'>,
): Promise<readonly string[]> {
  if (!flags.includes('LAX')) return [];
  const known = await ovfOptionsOf(vim, { of: 'import', signal });
  return known.filter((each) => each === 'lax');
}

/** Message bundles are no files of any device: their texts go with the question. */
export async function bundlesOf(blobs: Pick<BlobStore, 'read'>, { descriptor, files }: NewEntity): Promise<Bundles> {
  const { bundles, files: references } = readDescriptor(descriptor, { lax: true });
  const texts = new Map<string, string>();
  for (const { fileRef } of bundles) {
    const href = references.find(({ id }) => id === fileRef)?.href;
    const file = files.find(({ name }) => name === href);
    if (href !== undefined && file !== undefined)
      texts.set(href, new TextDecoder().decode(await readAll(blobs.read(file.blob), maxTextSize)));
  }
  return texts;
}
