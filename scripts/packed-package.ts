import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const run = promisify(execFile);
const shell = process.platform === 'win32'; // the tools are .cmd files there

/** A package's manifest, as it stands in its folder. */
export const manifestOf = async (folder: string) => JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));

async function pack(folder: string, destination: string): Promise<string> {
  const { stdout } = await run('pnpm', ['pack', '--json', '--pack-destination', destination], { cwd: folder, shell });
  const { filename } = JSON.parse(stdout);
  return join(destination, basename(filename));
}

async function filesProblems(tarball: string): Promise<string[]> {
  const { stdout } = await run('tar', ['-tzf', tarball]);
  const files = stdout.split('\n').filter(Boolean);
  const wanted = ['package/package.json', 'package/README.md', 'package/LICENSE'].filter(
    (name) => !files.includes(name),
  );
  const unwanted = files.filter((name) => /\.tsbuildinfo$|\.test\.|\/node_modules\/|\/test\//.test(name));
  return [...wanted.map((name) => `lacks ${name}`), ...unwanted.map((name) => `should not hold ${name}`)];
}

async function publintProblems(tarball: string): Promise<string[]> {
  const bytes = await readFile(tarball);
  const { messages, pkg } = await publint({
    pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) },
    level: 'warning',
    strict: true,
  });
  return messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code);
}

/** attw ends before a pipe has taken its words, so it writes to a file. */
async function typeProblems(tarball: string): Promise<string[]> {
  const report = await open(`${tarball}.txt`, 'w+');
  const args = ['--profile', 'esm-only', '--no-definitely-typed', '--format', 'ascii', '--no-summary', tarball];
  const attw = spawn('attw', args, { shell, stdio: ['ignore', report.fd, report.fd] });
  const [status] = await once(attw, 'exit');
  await report.close();
  return status === 0 ? [] : [(await readFile(`${tarball}.txt`, 'utf8')).trim()];
}

/**
 * What is wrong with a package as a user would install it: the files in its tarball, where its manifest points
 * (publint), how its types resolve (are the types wrong). Leaves the tarball in `destination`.
 */
export async function problemsOf(folder: string, destination: string): Promise<string[]> {
  const { name, exports: entries } = await manifestOf(folder);
  const tarball = await pack(folder, destination);
  const isLibrary = Object.keys(entries).some((entry) => entry !== './package.json');
  const problems = await Promise.all([
    filesProblems(tarball),
    publintProblems(tarball),
    isLibrary ? typeProblems(tarball) : [],
  ]);
  return problems.flat().map((problem) => `${name}: ${problem}`);
}
