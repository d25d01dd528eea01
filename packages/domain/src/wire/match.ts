import { type Dialect, toKebabCase } from './names.ts';
import { type AnyRoute, actionIn, pathOf } from './route.ts';

export interface RouteMatch<Each> {
  readonly route: Each;
  readonly dialect: Dialect;
  /** Values of the path's fields by name, decoded. */
  readonly pathValues: ReadonlyMap<string, string>;
}

/** Finds the route of a request, in either dialect. Made once; then `match(method, url)` per request. */
export function routeMatcher<Each extends AnyRoute>(routes: readonly Each[]) {
  const table = routes
    .flatMap((route) =>
      (['rest', 'api'] as const).map((dialect) => ({ route, dialect, ...compile(pathOf(route, dialect)) })),
    )
    // without the mark before ids, `/api/content/library/item` would be a library of that name
    .toSorted((a, b) => a.fields.length - b.fields.length);
  return (method: string, url: URL): RouteMatch<Each> | undefined => {
    for (const { route, dialect, pattern, fields } of table) {
      const found =
        route.method === method && actionOf(url, dialect) === actionIn(route, dialect)
          ? pattern.exec(url.pathname)
          : null;
      const values = found ? decodeAll(found.slice(1)) : undefined;
      if (values) return { route, dialect, pathValues: new Map(fields.map((field, at) => [field, values[at] ?? ''])) };
    }
    return undefined;
  };
}

/** Both spellings of the key, and of the name: `~action=try_instantiate` is understood as `try-instantiate`. */
function actionOf(url: URL, dialect: Dialect): string | undefined {
  const given = url.searchParams.get('~action') ?? (dialect === 'api' ? url.searchParams.get('action') : null);
  return given === null ? undefined : toKebabCase(given).replaceAll('_', '-');
}

function compile(path: string): { readonly pattern: RegExp; readonly fields: readonly string[] } {
  const fields = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
  const literal = path.split(/\{\w+\}/).map((part) => part.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&'));
  return { pattern: new RegExp(`^${literal.join('([^/]+)')}/?$`), fields };
}

function decodeAll(parts: readonly string[]): readonly string[] | undefined {
  try {
    return parts.map((part) => decodeURIComponent(part));
  } catch {
    return undefined; // a malformed percent sign matches nothing
  }
}
