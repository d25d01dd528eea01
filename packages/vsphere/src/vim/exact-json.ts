/** JSON that keeps whole numbers which a double would round: they are bigints here. Nothing for what is no JSON. */
export function parseExact(json: string): unknown {
  try {
    const value: unknown = JSON.parse(json, keepExact);
    return value;
  } catch {
    return undefined;
  }
}

// Node gives a reviver the text of a number as a third argument, which the types do not know yet
function keepExact(_: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? '';
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}

/** A value as JSON, bigints as the numbers they are. */
export const writeExact = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? rawJson(each.toString()) : each));

// Node has it since 22, the types do not
const { rawJSON: rawJson } = JSON as typeof JSON & { readonly rawJSON: (text: string) => unknown };
