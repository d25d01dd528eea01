import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsdown';
import { lazyBuiltins } from '../../scripts/lazy-builtins.ts';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
export default defineConfig({
  entry: { ovfkitd: 'src/main.ts' },
  format: 'esm',
  platform: 'node',
  target: 'node24.11',
  dts: false,
  clean: false, // declarations of the type check lie in dist/types
  hash: false,
  define: { OVFKITD_VERSION: JSON.stringify(version) },
  banner: { js: '#!/usr/bin/env node' },
  deps: { alwaysBundle: [/./], onlyBundle: false },
  minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
  plugins: [lazyBuiltins],
  inputOptions: {
    resolve: { conditionNames: ['@ovfkit/source', 'node', 'import', 'default'] },
  },
  // one file: dynamic imports are inlined, and still run only when they are reached
  outputOptions: { codeSplitting: false, entryFileNames: '[name].mjs' },
});
