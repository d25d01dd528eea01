import { buildGoProgram } from '../packages/vsphere/test/support/go-program.ts';

/** Vitest's global set-up of the run against the simulator: a run without it fails, it does not vanish. */
export async function setup(): Promise<void> {
  try {
    await buildGoProgram('vcsim');
    await buildGoProgram('govmomi-client');
  } catch (cause) {
    const text =
      'The simulator cannot be built. It needs Debian’s packages golang-go and golang-github-vmware-govmomi-dev.';
    throw new Error(text, { cause });
  }
}
