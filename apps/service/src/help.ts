import { settings } from './settings.ts';

const commands = [
  ['ovfkitd --data DIR [FLAG…]', 'serves'],
  [
    'ovfkitd --check-config [FLAG…]',
    'prints the settings as they would be used, or everything that is wrong with them',
  ],
  ['ovfkitd user add NAME [--role ROLE]', 'makes a user: viewer, operator (the default) or admin'],
  ['ovfkitd user passwd NAME', 'changes a password; what the user had logged in with the old one ends'],
  ['ovfkitd user remove NAME', 'removes a user, and ends what it had logged in'],
  ['ovfkitd user list', 'shows names and roles'],
  ['ovfkitd gc [--dry-run]', 'deletes, or only tells, files that nobody needs; the service has to be stopped'],
] as const;

const general = [
  ['--config FILE, OVFKITD_CONFIG', 'a TOML file with the settings below'],
  ['--help', 'show this'],
  ['--version', 'show the version'],
] as const;

/** What `--help` prints. */
export function helpText(): string {
  return [
    'ovfkitd: serves vCenter’s OVF session API.',
    '',
    ...table(commands),
    '',
    'Commands for users take --data and --config as well, and work beside a running service. A password is asked for on a',
    'terminal, else read from standard input, or taken from OVFKITD_USER_PASSWORD.',
    '',
    ...table(general),
    '',
    'Settings: the name in the file, the variable, the flag. Flags win over variables, and those over the file.',
    '',
    ...settings.flatMap(({ key, environment, flag, value, default: byDefault, text }) => [
      `  ${key}  ${environment}  --${flag}${value === '' ? '' : ` ${value}`}`,
      `      ${text} (${byDefault})`,
    ]),
    '',
    'OVFKITD_ADMIN_PASSWORD sets the password of the user admin. Without it the first start makes one and prints it once.',
    '',
  ].join('\n');
}

function table(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`);
}
