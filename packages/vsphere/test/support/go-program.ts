import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const cache = fileURLToPath(new URL('../../../../node_modules/.cache/ovfkit', import.meta.url));
/** Where Debian's golang-github-vmware-govmomi-dev puts its sources. */
const gopath = '/usr/share/gocode';

/**
 * Builds the Go program in the folder of that name beside this file, over Debian's govmomi, unless an earlier run has.
 * @returns the program's path
 */
export async function buildGoProgram(name: string): Promise<string> {
  const source = fileURLToPath(new URL(name, import.meta.url));
  const text = await readFile(join(source, 'main.go'));
  const program = join(cache, `${name}-${createHash('sha256').update(text).digest('hex').slice(0, 12)}`);
  if (existsSync(program)) return program;
  await mkdir(cache, { recursive: true });
  const unfinished = `${program}.${process.pid}`;
  const env = { ...process.env, GOPATH: gopath, GO111MODULE: 'off', GOFLAGS: '' };
  await promisify(execFile)('go', ['build', '-o', unfinished, '.'], { cwd: source, env });
  await rename(unfinished, program); // so that two builders do not hinder each other
  return program;
}
