import { isBuiltin } from 'node:module';

const prefix = '\0builtin:';

/**
 * Loads Node's own modules when the code that needs them runs. Static imports would be hoisted to the top of the one file: then
 * `--version` would load TLS and crypto, and an older Node.js would fail at a missing name before it can be told so.
 */
export const lazyBuiltins = {
  name: 'lazy-builtins',
  resolveId: {
    order: 'pre' as const,
    // a `require` is lazy as it is, and wants the module itself, not a namespace; `node:module` is what makes `require`
    handler: (id: string, _importer: string | undefined, { kind }: { kind: string }) =>
      isBuiltin(id) && id !== 'node:module' && kind === 'import-statement'
        ? { id: `${prefix}${id.replace('node:', '')}`, moduleSideEffects: false }
        : null,
  },
  async load(id: string) {
    if (!id.startsWith(prefix)) return null;
    const name = id.slice(prefix.length);
    const names = Object.keys(await import(`node:${name}`)).filter((key) => key !== 'default' && /^\w+$/.test(key));
    return [
      `const builtin = /* @__PURE__ */ process.getBuiltinModule('node:${name}');`,
      'export default builtin;',
      ...names.map((key, index) => `const name${index} = builtin.${key}; export { name${index} as ${key} };`),
    ].join('\n');
  },
};
