// The built command line as something to be measured.
import { join } from 'node:path';
import { type Run, runCommand } from '../../../scripts/side-by-side.ts';
import { ovfkitPath } from '../src/programs.ts';
import { type MeasuredService, password } from './measured-service.ts';
import { has } from './nginx.ts';

/** Measures our command line with its peak memory, where GNU time is installed; its settings are kept in `folder`. */
export function runOvfkit(folder: string, args: readonly string[]): Promise<Run> {
  process.env['OVFKIT_PASSWORD'] = password;
  process.env['OVFKIT_CONFIG_DIR'] = join(folder, 'config');
  // GNU time tells the peak of a process that is not ours to change
  if (has('/usr/bin/time', '--version'))
    return runCommand(
      'sh',
      ['-c', 'exec /usr/bin/time -f "peak %M" "$0" "$@" 2>&1 >/dev/null', process.execPath, ovfkitPath, ...args],
      folder,
    );
  return runCommand(process.execPath, [ovfkitPath, ...args], folder);
}

/** The words for `--to` and `--from`, and the options after them. */
export const targetOf = ({ url, thumbprint }: MeasuredService): readonly string[] => {
  const { protocol, host } = new URL(url);
  return [`${protocol}//admin@${host}`, ...(thumbprint === '' ? [] : ['--thumbprint', thumbprint])];
};
