import type { Descriptor } from '@ovfkit/package-format';

/** Where something stood is no part of the model, nor are declarations that say again what holds already. */
const places: ReadonlySet<string> = new Set(['position', 'line', 'column', 'namespaces', 'root', 'text', 'end']);
/** What writing repairs. */
const repaired: ReadonlySet<string> = new Set(['PREFIX_UNDECLARED', 'ENCODING_FALSE']);

/** As data to compare, without what says where it stood. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return [...value].map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !places.has(key))
      .map(([key, inner]) => [key, plain(inner)]),
  );
}

/** All that a descriptor says, findings included, as plain data to compare. */
export function modelOf(descriptor: Descriptor): unknown {
  return plain({ ...descriptor, findings: descriptor.findings.filter(({ code }) => !repaired.has(code)) });
}
