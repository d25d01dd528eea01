import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsdown';
import { slimUndici } from '../../scripts/slim-undici.ts';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
export default defineConfig({
  entry: { ovfkit: 'src/main.ts' },
  format: 'esm',
  platform: 'node',
  target: 'node22.19',
  dts: false,
  clean: false, // declarations of the type check lie in dist/types
  hash: false,
  define: { OVFKIT_VERSION: JSON.stringify(version) },
  plugins: [slimUndici],
  deps: { alwaysBundle: [/./], onlyBundle: false },
  minify: { compress: true, mangle: true, codegen: { removeWhitespace: true } },
  inputOptions: {
    resolve: { conditionNames: ['@ovfkit/source', 'node', 'module', 'import', 'default'] },
    treeshake: { propertyReadSideEffects: false },
    optimization: { pifeForModuleWrappers: false }, // most modules do not run in one call: compile them when they do
  },
  // a command parses what it needs, and nothing else: see docs/adr/0015
  outputOptions: { entryFileNames: '[name].mjs', chunkFileNames: 'ovfkit/[name].mjs' },
});
