import { type CallOptions, passes, SessionError } from '@ovfkit/domain';
import { type Properties, type Retrieved, retrieve, retrieveAll, retrieveThere } from '../vim/property-collector.ts';
import type { VimClient } from '../vim/vim-client.ts';
import { type Shape, text } from '../vim/vim-shape.ts';
import { type ManagedObject, managedObject } from '../vim/vim-value.ts';
import { shownName } from './name.ts';

/** What every filter of a list has. */
export interface CommonFilter {
  readonly names?: readonly string[];
  readonly datacenters?: readonly string[];
}

interface Finding<P extends Properties> {
  readonly type: string;
  readonly properties: P;
  readonly filter: CommonFilter;
  /** The filter's own list of identifiers. */
  readonly ids: readonly string[] | undefined;
  /** Where it is known which they can be, so that nothing else is looked at. */
  readonly among?: readonly ManagedObject[] | undefined;
  readonly options: CallOptions | undefined;
}

/** An object of the inventory with its identifier, its name as people know it, and what else was asked for. */
export interface Found<P extends Properties> {
  readonly id: string;
  readonly name: string;
  readonly ref: ManagedObject;
  readonly properties: Retrieved<P & { readonly name: Shape<string> }>['properties'];
}

/** Objects of a type that pass a filter's common part, in the order they were made. */
export async function find<P extends Properties>(
  vim: VimClient,
  { type, properties, filter, ids, among, options }: Finding<P>,
): Promise<readonly Found<P>[]> {
  const query = { type, properties: { ...properties, name: text }, signal: options?.signal };
  const found =
    among === undefined ? await look(vim, query, filter) : await retrieveThere(vim, { ...query, objects: among });
  return found
    .map((each) => ({ ...each, id: each.ref.value, name: shownName(each.properties.name) }))
    .filter(({ id, name }) => passes(ids, id) && passes(filter.names, name))
    .toSorted((one, other) => byNumber.compare(one.id, other.id));
}

interface Looking<P extends Properties> {
  readonly type: string;
  readonly properties: P;
  readonly signal: AbortSignal | undefined;
}

async function look<P extends Properties>(
  vim: VimClient,
  query: Looking<P>,
  { datacenters = [] }: CommonFilter,
): Promise<readonly Retrieved<P>[]> {
  if (datacenters.length === 0) return retrieveEverywhere(vim, query);
  return (await Promise.all(datacenters.map((id) => retrieveIn(vim, { ...query, id })))).flat();
}

/** The root lies in no view of its own. */
async function retrieveEverywhere<P extends Properties>(
  vim: VimClient,
  query: Looking<P>,
): Promise<readonly Retrieved<P>[]> {
  const { rootFolder } = vim.content;
  const root = query.type === rootFolder.type ? await retrieve(vim, { ...query, objects: [rootFolder] }) : [];
  return [...root, ...(await retrieveAll(vim, query))];
}

/** Nothing for a datacenter that is not there: a filter does not fail. */
async function retrieveIn<P extends Properties>(
  vim: VimClient,
  { id, ...query }: Looking<P> & { readonly id: string },
): Promise<readonly Retrieved<P>[]> {
  try {
    return await retrieveAll(vim, { ...query, container: managedObject('Datacenter', id) });
  } catch (error) {
    if (error instanceof SessionError && error.kind === 'NOT_FOUND') return [];
    throw error;
  }
}

/** Identifiers end in a number that counts up: `vm-9` was made before `vm-10`. */
const byNumber = new Intl.Collator('en', { numeric: true });

/** What an object lies in, for a field of a filter; one that lies nowhere passes only an absent field. */
export const isIn = (field: readonly string[] | undefined, place: ManagedObject | undefined): boolean =>
  passes(field, ...(place === undefined ? [] : [place.value]));

/** `poweredOn` is POWERED_ON: a value of an enumeration as REST spells it. */
export const restName = (value: string): string => value.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();

/** A field that is left out when there is no value. */
export const given = <Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [N in Name]?: Value } =>
  value === undefined ? {} : ({ [name]: value } as { readonly [N in Name]: Value }); // a computed name is any name
