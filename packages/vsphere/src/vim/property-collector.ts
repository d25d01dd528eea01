import { SessionError } from '@ovfkit/domain';
import { localizedError, localizedFault } from './fault.ts';
import { withView } from './views.ts';
import type { VimClient, VimMethod } from './vim-client.ts';
import { boxed, list, object, optional, reference, type Shape, text, type ValueOf } from './vim-shape.ts';
import type { ManagedObject, VimObject } from './vim-value.ts';

/** Properties by their paths (`summary.config.name`), each with what reads it. A property that may be unset is {@link optional}. */
export type Properties = Readonly<Record<string, Shape<unknown>>>;

/** An object with the properties asked for. */
export interface Retrieved<P extends Properties> {
  readonly ref: ManagedObject;
  readonly properties: { readonly [Path in keyof P]: ValueOf<P[Path]> };
}

interface Query<P extends Properties> {
  /** Of the objects: `VirtualMachine`, or a type that theirs derive from. */
  readonly type: string;
  readonly properties: P;
  /** Objects in one answer; fewer where each has much to say. */
  readonly perPage?: number;
  readonly signal?: AbortSignal | undefined;
}

/** A property's value, read when it is known whose it is. */
type Unread = <Value>(shape: Shape<Value>, at: string) => Value;
const unread: Shape<Unread> = {
  fromXml: (elements) => (shape, at) => boxed(shape).fromXml(elements, at),
  fromJson: (value) => (shape, at) => boxed(shape).fromJson(value, at),
};

const retrieveResult = optional(
  object('RetrieveResult', {
    token: optional(text),
    objects: list(
      object('ObjectContent', {
        obj: reference,
        propSet: list(object('DynamicProperty', { name: text, val: unread })),
        missingSet: list(object('MissingProperty', { path: text, fault: localizedFault })),
      }),
    ),
  }),
);
type Page = ValueOf<typeof retrieveResult>;
type Content = NonNullable<Page>['objects'][number];

const retrievePropertiesEx: VimMethod<Page> = {
  name: 'RetrievePropertiesEx',
  result: retrieveResult,
  isRepeatable: true,
};
// a page that got lost is gone
const continueRetrievePropertiesEx: VimMethod<Page> = {
  name: 'ContinueRetrievePropertiesEx',
  result: retrieveResult,
  isRepeatable: false,
};

/**
 * Properties of objects that are known, in no particular order.
 * @throws SessionError NOT_FOUND when one of the objects does not exist, UNAUTHORIZED when the user may not see what has to be there;
 *   what may be unset is as if unset then
 */
export async function retrieve<P extends Properties>(
  vim: VimClient,
  { objects, ...query }: Query<P> & { readonly objects: readonly ManagedObject[] },
): Promise<readonly Retrieved<P>[]> {
  if (objects.length === 0) return [];
  const objectSet = objects.map((obj) => ({ _typeName: 'ObjectSpec', obj }));
  const found = await collect(vim, { ...query, objectSet }, (page) => page);
  const hidden = found.flatMap((each) => hiddenOf(each, query.properties))[0];
  if (hidden !== undefined) throw localizedError(hidden.fault, retrievePropertiesEx.name);
  return found.map((each) => readProperties(each, query.properties));
}

/**
 * Properties of those of some objects that are there and that the user may see, in no particular order: as {@link retrieveAll}, of objects
 * that are known.
 */
export async function retrieveThere<P extends Properties>(
  vim: VimClient,
  { objects, ...query }: Query<P> & { readonly objects: readonly ManagedObject[] },
): Promise<readonly Retrieved<P>[]> {
  if (objects.length === 0) return [];
  try {
    const objectSet = objects.map((obj) => ({ _typeName: 'ObjectSpec', obj }));
    return await collect(vim, { ...query, objectSet }, (page) => shown(page, query.properties));
  } catch (error) {
    if (!(error instanceof SessionError) || error.kind !== 'NOT_FOUND') throw error;
    if (objects.length === 1) return [];
    // one that is gone refuses them all
    return (await Promise.all(objects.map((each) => retrieveThere(vim, { ...query, objects: [each] })))).flat();
  }
}

/**
 * Properties of one object.
 * @throws SessionError NOT_FOUND when it does not exist, UNAUTHORIZED as {@link retrieve}
 */
export async function retrieveOne<P extends Properties>(
  vim: VimClient,
  { object: wanted, properties, signal }: Omit<Query<P>, 'type'> & { readonly object: ManagedObject },
): Promise<Retrieved<P>['properties']> {
  const [found] = await retrieve(vim, { type: wanted.type, objects: [wanted], properties, signal });
  if (found === undefined) throw new SessionError('NOT_FOUND', `There is no ${wanted.type} ${wanted.value}.`);
  return found.properties;
}

interface Search<P extends Properties> extends Query<P> {
  /** The whole inventory when absent. */
  readonly container?: ManagedObject | undefined;
  /** What of it is kept; the rest is forgotten page by page. All when absent. */
  readonly where?: (each: Retrieved<P>) => boolean;
}

/**
 * Properties of every object of a type below `container`, in no particular order. Objects of which the user may not see what has to be
 * there are left out, as those are that the user may not see at all.
 * @throws SessionError NOT_FOUND when the container does not exist
 */
export async function retrieveAll<P extends Properties>(
  vim: VimClient,
  { container, where = () => true, ...query }: Search<P>,
): Promise<readonly Retrieved<P>[]> {
  const { type, signal } = query;
  return withView(vim, { type, container, signal }, async (view) => {
    const selectSet = [{ _typeName: 'TraversalSpec', type: view.type, path: 'view' }];
    const objectSet = [{ _typeName: 'ObjectSpec', obj: view, skip: true, selectSet }];
    return collect(vim, { ...query, objectSet }, (page) => shown(page, query.properties).filter(where));
  });
}

const shown = <P extends Properties>(found: readonly Content[], properties: P): readonly Retrieved<P>[] =>
  found.filter((each) => hiddenOf(each, properties).length === 0).map((each) => readProperties(each, properties));

/** Large inventories come in pages, so that no answer exceeds what we read. */
const pageSize = 250;

async function collect<P extends Properties, Item>(
  vim: VimClient,
  { type, properties, objectSet, perPage = pageSize, signal }: Query<P> & { readonly objectSet: readonly VimObject[] },
  read: (page: readonly Content[]) => readonly Item[],
): Promise<readonly Item[]> {
  const collector = vim.content.propertyCollector;
  const pathSet = Object.keys(properties);
  const spec = { _typeName: 'PropertyFilterSpec', propSet: [{ _typeName: 'PropertySpec', type, pathSet }], objectSet };
  const found: Item[] = [];
  let page = await vim.call(retrievePropertiesEx, {
    object: collector,
    args: { specSet: [spec], options: { _typeName: 'RetrieveOptions', maxObjects: perPage } },
    signal,
  });
  for (;;) {
    found.push(...read(page?.objects ?? []));
    if (page?.token === undefined) return found;
    page = await vim.call(continueRetrievePropertiesEx, { object: collector, args: { token: page.token }, signal });
  }
}

/** Properties that have to be there and that the user may not see. */
const hiddenOf = ({ missingSet }: Content, properties: Properties): Content['missingSet'] =>
  missingSet.filter(({ path }) => Object.hasOwn(properties, path) && properties[path]?.isOptional !== true);

function readProperties<P extends Properties>({ obj, propSet }: Content, properties: P): Retrieved<P> {
  const values = new Map(propSet.map(({ name, val }) => [name, val]));
  const read = Object.entries(properties).map(([path, shape]) => {
    const at = `${obj.type}.${path}`;
    const value = values.get(path);
    return [path, value === undefined ? shape.fromXml([], at) : value(shape, at)] as const;
  });
  return { ref: obj, properties: Object.fromEntries(read) as Retrieved<P>['properties'] }; // entries lose their names
}
