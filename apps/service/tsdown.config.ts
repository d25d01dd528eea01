import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsdown';
import { ascii } from '../../scripts/ascii.ts';
import { slimFastify } from '../../scripts/slim-fastify.ts';
import { slimUndici } from '../../scripts/slim-undici.ts';

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
  plugins: [slimFastify, slimUndici, ascii],
  deps: { alwaysBundle: [/./], onlyBundle: false },
  minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
  inputOptions: {
    resolve: { conditionNames: ['@ovfkit/source', 'node', 'import', 'default'] },
  },
  // what is imported on demand lies in files of its own: see docs/adr/0015
  outputOptions: { entryFileNames: '[name].mjs', chunkFileNames: 'ovfkitd/[name].mjs' },
});
