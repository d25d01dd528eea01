#!/usr/bin/env node
import module from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { version } from './version.ts';

const minimum = [22, 19] as const;

// Nothing else is imported statically: `--version` must not pay for what it does not use.
async function main(args: readonly string[]): Promise<void> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < minimum[0] || (major === minimum[0] && minor < minimum[1])) {
    process.stderr.write(`ovfkit needs Node.js ${minimum.join('.')} or newer; this is ${process.versions.node}.\n`);
    process.exitCode = 2;
    return;
  }
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
    process.stdout.write(`${version}\n`);
    return;
  }
  // Bodies come in buffers that die at once; a young generation that grows keeps them for long: half as much memory again.
  setFlagsFromString('--semi-space-growth-factor=1');
  // The old one is collected when it has grown by a third; left alone it doubles, and more, before anyone looks.
  setFlagsFromString('--heap-growing-percent=33');
  // It grows in steps of 4 MiB and not of 16, and pages that came free go back at once instead of waiting for eight seconds.
  setFlagsFromString('--memory-saver-mode');
  // The HTTP client parses heads by WebAssembly; to compile that anew for speed takes 22 MiB, most of which stay, and gains nothing.
  setFlagsFromString('--no-wasm-tier-up');
  setFlagsFromString('--no-wasm-dynamic-tiering');
  module.enableCompileCache();
  const { runCli } = await import('./cli.ts');
  process.exitCode = await runCli(args);
}

await main(process.argv.slice(2));
