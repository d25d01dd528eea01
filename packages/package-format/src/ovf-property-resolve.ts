import { type ResolveOptions, resolveConfiguration } from './ovf-resolve.ts';
import { type Descriptor, type ProductSection, type Property, productsOf } from './ovf-types.ts';

/** A property under one deployment option. `name` is `[class.]key[.instance]`, `value` has its references filled in. */
export interface ResolvedProperty {
  readonly name: string;
  readonly value?: string | undefined;
  readonly property: Property;
  readonly product: ProductSection;
}

/** A value that refers to many others that refer to many others grows without end. */
const maxValue = 65_536;
const reference = /\$\{([^${}]+)\}/g;

/** The name of a property across all product sections: `[class.]key[.instance]`. */
export function propertyName(
  { class: classId, instance }: Pick<ProductSection, 'class' | 'instance'>,
  key: string,
): string {
  return [classId, key, instance].filter((part) => part !== undefined && part !== '').join('.');
}

/** The names in `${…}` of a value. */
export function referencesIn(value: string): readonly string[] {
  return [...value.matchAll(reference)].map(([, name = '']) => name);
}

function first<T>(all: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, T> {
  return new Map(all.toReversed().map((one) => [keyOf(one), one]));
}

type Find = (name: string, from: ProductSection) => ResolvedProperty | undefined;

/** A reference goes to a full name, else to a bare key of the same product section, else to the first with that key. */
function createLookup(all: readonly ResolvedProperty[]): Find {
  const byName = first(all, ({ name }) => name);
  const byKey = first(all, ({ property }) => property.key);
  const siblings = new Map<ProductSection, Map<string, ResolvedProperty>>();
  for (const each of all) {
    const group = siblings.get(each.product) ?? new Map<string, ResolvedProperty>();
    if (!group.has(each.property.key)) group.set(each.property.key, each);
    siblings.set(each.product, group);
  }
  return (name, from) => siblings.get(from)?.get(name) ?? byName.get(name) ?? byKey.get(name);
}

/** References that go in a circle, to nowhere or beyond all measure are left as they stand. */
function expand(
  property: ResolvedProperty,
  {
    find,
    open,
    done,
  }: {
    readonly find: Find;
    readonly open: readonly ResolvedProperty[];
    readonly done: Map<ResolvedProperty, string>;
  },
): string {
  const known = done.get(property);
  if (known !== undefined) return known;
  const path = [...open, property];
  const expanded = (property.value ?? '').replaceAll(reference, (text, name: string) => {
    const target = find(name, property.product);
    if (target?.value === undefined || path.includes(target) || path.length > 100) return text;
    return expand(target, { find, open: path, done });
  });
  const value = expanded.length > maxValue ? (property.value ?? '') : expanded;
  done.set(property, value);
  return value;
}

/**
 * The properties that exist under an option (the default one when none is named), in document order, with the values
 * that were given, else those of the option, else the defaults.
 * @throws PackageError OPTION_UNKNOWN
 */
export function resolveProperties(descriptor: Descriptor, options: ResolveOptions = {}): readonly ResolvedProperty[] {
  const { option } = resolveConfiguration(descriptor, options);
  const all = productsOf(descriptor).flatMap((product) =>
    product.properties
      .filter(({ configurations }) => configurations === undefined || configurations.includes(option ?? ''))
      .map((property): ResolvedProperty => {
        const name = propertyName(product, property.key);
        const given = options.properties?.get(name) ?? options.properties?.get(property.key);
        const value = given ?? property.valuesByConfiguration.get(option ?? '') ?? property.value;
        return { name, value, property, product };
      }),
  );
  const find = createLookup(all);
  const done = new Map<ResolvedProperty, string>();
  return all.map((each) =>
    each.value === undefined ? each : { ...each, value: expand(each, { find, open: [], done }) },
  );
}
