import { z } from 'zod';

/** How a structure is spelled on the wire where the mechanical rule (camelCase to snake_case) is not enough. */
export interface StructureNotes {
  /** The canonical structure name, written as `@class` (contract, section 1.2). */
  readonly className?: string;
  /** Field names that are spelled differently, by dialect. */
  readonly wireNames?: Readonly<Record<string, { readonly rest: string; readonly api: string }>>;
}

/** What `./wire` needs to know of a schema beyond the schema. */
export const structureNotes = z.registry<StructureNotes>();

/** Schemas of `map<string, X>`: a list of `{ key, value }` here and in `/rest`, an object in `/api`. */
export const mapSchemas = z.registry<{ readonly isMap: true }>();

/** Unions whose members are told apart by `@class`, else by `type` (contract, section 1.2). */
export const dynamicSchemas = new WeakMap<z.core.$ZodType, readonly z.core.$ZodType[]>();

/** A structure of the contract. Fields it does not know survive reading and writing. */
export function structure<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  notes: StructureNotes = {},
): z.ZodObject<Shape, z.core.$loose> {
  const schema = z.looseObject(shape);
  structureNotes.add(schema, notes);
  return schema;
}

/** An enumeration that may grow: known values are listed in `known`, others survive as strings. */
export const openEnum = <Values extends z.core.util.EnumLike>(known: z.ZodEnum<Values>) => z.union([known, z.string()]);

/**
 * `map<string, X>` as a list, so that foreign names are never object keys.
 * Keys are unique on a correct wire; the first wins where they are not.
 */
export function entries<Value extends z.ZodType>(value: Value) {
  const schema = z.array(z.object({ key: z.string(), value }));
  mapSchemas.add(schema, { isMap: true });
  return schema;
}

/** vAPI's `long`. Sizes are safe integers: a value beyond 2^53 is refused rather than rounded. */
export const Long = z.int();

/** A resource identifier: an opaque string. Where one is optional, the empty string counts as absent (contract, 14.23). */
export const Id = z.string();

/** A managed object: its type by vSphere's name, and its identifier. */
export const Ref = structure({ type: z.string(), id: Id });
export type Ref = z.infer<typeof Ref>;
