// Nothing is imported statically: an older Node.js would fail at the first thing it lacks, before it can be told so.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 24 || (major === 24 && minor < 11)) {
  process.stderr.write(`ovfkitd needs Node.js 24.11 or newer; this is ${process.versions.node}.\n`);
  process.exit(1);
}

// The C library keeps what each thread gave back, and reads its settings when a process starts: see docs/adr/0019.
if (process.platform === 'linux' && process.env['MALLOC_ARENA_MAX'] === undefined) {
  const settings = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: String(2 * 1024 * 1024) };
  const program = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  process.execve?.(process.execPath, program, { ...settings, ...process.env });
}

// Whatever it makes is its own, also in a folder that others may look into: passwords' hashes, disks, the audit log.
process.umask(0o077);

// Bodies come in buffers of 64 KiB that die at once. A young generation that grows keeps them until the whole heap is
// collected, again and again: twice the time and half as much memory again for a large upload.
const { setFlagsFromString } = await import('node:v8');
setFlagsFromString('--semi-space-growth-factor=1');
// The old one is collected when it has grown by a third; left alone it doubles, and more, before anyone looks.
setFlagsFromString('--heap-growing-percent=33');
// It grows in steps of 4 MiB and not of 16, and pages that came free go back at once instead of waiting for eight seconds.
setFlagsFromString('--memory-saver-mode');
// The HTTP client parses heads by WebAssembly; to compile that anew for speed takes 22 MiB, most of which stay, and gains nothing.
setFlagsFromString('--no-wasm-tier-up');
setFlagsFromString('--no-wasm-dynamic-tiering');

const { runService } = await import('./service.ts');
const { pino } = await import('pino');

const stopped = new Promise<string>((resolve) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      // the second time it is meant: whatever still runs is safe to cut
      process.once(signal, () => process.exit(1));
      resolve(signal);
    });
  }
});

const code = await runService(process.argv.slice(2), process.env, {
  print: (line) => process.stdout.write(`${line}\n`),
  complain: (line) => process.stderr.write(`${line}\n`),
  password: async (question) => {
    const { readPassword } = await import('./password.ts');
    return readPassword({ input: process.stdin, output: process.stderr, question });
  },
  onHangUp: (act) => void process.on('SIGHUP', act),
  log: pino.destination({ fd: 2, sync: true }),
  stopped,
});
process.exit(code);
