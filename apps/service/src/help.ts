import { settings } from './settings.ts';

/** What `--help` prints. */
export function helpText(): string {
  const flags = settings.flatMap(({ flag, value, text }) => (flag ? [[`--${flag} ${value}`, text] as const] : []));
  const general = [
    ['--config FILE', 'a TOML file with the settings below'],
    ['--help', 'show this'],
    ['--version', 'show the version'],
  ] as const;
  return [
    'ovfkitd: serves vCenter’s OVF session API.',
    '',
    'Usage: ovfkitd --data DIR [--listen HOST:PORT] [--plain-http] [--config FILE]',
    '',
    ...table([...flags, ...general]),
    '',
    'Settings, with the variable of each. Flags win over variables, and those over the file.',
    '',
    ...table(
      settings.map(({ key, environment, value, text }) => [
        `${key}  ${environment}`,
        `${value}${value && ': '}${text}`,
      ]),
    ),
    '',
    'OVFKITD_ADMIN_PASSWORD sets the password of the user admin. Without it the first start makes one and prints it once.',
    '',
  ].join('\n');
}

function table(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`);
}
