import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError, describeConfig, readConfig } from '../src/config.ts';
import { readFlags } from '../src/flags.ts';
import { helpText } from '../src/help.ts';
import { settings } from '../src/settings.ts';
import { temporaryFolder } from './support/process.ts';

const read = (argv: readonly string[], environment: Record<string, string> = {}) =>
  readConfig(readFlags(argv), environment);

function problemsOf(act: () => unknown): readonly string[] {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  throw new Error('There is no problem.');
}

async function file(text: string): Promise<string> {
  const path = join(await temporaryFolder(), 'ovfkitd.toml');
  await writeFile(path, text);
  return path;
}

test('only the folder must be said', () => {
  expect(read(['--data', 'd'])).toMatchObject({
    data: 'd',
    listen: { host: '127.0.0.1', port: 8443 },
    plainHttp: false,
  });
  expect(problemsOf(() => read([]))).toEqual(['--data or OVFKITD_DATA: where to keep everything must be said']);
});

test('every default is what the help and the README say it is', async () => {
  const said = settings.filter(({ key, form, default: text }) => {
    const isToldOnly =
      ['data', 'publicUrl', 'tls.cert', 'tls.key', 'auditFile'].includes(key) || key.startsWith('vsphere.');
    return !isToldOnly && form !== 'yesNo' && !(form === 'list' && text === 'none');
  });
  expect(read(['--data', 'd', ...said.flatMap((each) => [`--${each.flag}`, each.default])])).toEqual(
    read(['--data', 'd']),
  );
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const written = readme.split('\n').filter((line) => line.startsWith('| `'));
  const rows = settings.map(
    ({ key, environment, flag, value, default: byDefault, text }) =>
      `| \`${key}\` | \`${environment}\` | \`--${flag}${value === '' ? '' : ` ${value.replace('|', '\\|')}`}\` | ${byDefault} | ${text} |`,
  );
  expect(written).toEqual(rows);
});

test('a reserve that leaves the service itself no room is refused', () => {
  const flags = ['--data', 'd', '--limits-disk-reserve', '4095KiB'];
  expect(problemsOf(() => read(flags))[0]).toMatch(/^--limits-disk-reserve: is less than 4MiB/);
});

test('every setting of the schema is in the table, and the other way round', () => {
  const keysOf = (schema: object, prefix: string): readonly string[] =>
    Object.entries(schema).flatMap(([name, value]) =>
      value instanceof Object && !Array.isArray(value) && !('host' in value)
        ? keysOf(value, `${prefix}${name}.`)
        : [`${prefix}${name}`],
    );
  const environment = {
    OVFKITD_TLS_CERT: 'c',
    OVFKITD_TLS_KEY: 'k',
    OVFKITD_PUBLIC_URL: 'https://a',
    OVFKITD_AUDIT_FILE: 'f',
    OVFKITD_VSPHERE_URL: 'https://vcenter',
    OVFKITD_VSPHERE_USER: 'u',
    OVFKITD_VSPHERE_PASSWORD_FILE: 'p',
    OVFKITD_VSPHERE_THUMBPRINT: 'AB',
    OVFKITD_VSPHERE_CA: 'ca',
    OVFKITD_VSPHERE_VIA: 'library',
    OVFKITD_VSPHERE_LIBRARY: 'l',
  };
  expect(new Set(keysOf(read(['--data', 'd'], environment), ''))).toEqual(new Set(settings.map(({ key }) => key)));
});

test.each([
  ['16MiB', 16 * 1024 ** 2],
  ['1GiB', 1024 ** 3],
  ['4096', 4096],
  ['none', Number.POSITIVE_INFINITY],
])('the size %s is %d bytes', (text, size) => {
  expect(read(['--data', 'd', '--limits-quota-per-user', text]).limits.quotaPerUser).toBe(size);
});

test.each(['0', '-1', '1.5', '16 MB', '1KB', '', '9999999999TiB', 'all'])('%j is no size', (text) => {
  const flags = ['--data', 'd', `--limits-disk-reserve=${text}`];
  expect(problemsOf(() => read(flags))[0]).toMatch(/^--limits-disk-reserve: .*such as 512KiB/);
});

test('a variable with a slip in its name is a problem', () => {
  expect(problemsOf(() => read(['--data', 'd'], { OVFKITD_LIMIT_UPLOADS: '5' }))).toEqual([
    'OVFKITD_LIMIT_UPLOADS: there is no such setting',
  ]);
});

test('a URL for clients holds no password', () => {
  expect(problemsOf(() => read(['--data', 'd', '--public-url', 'https://a:b@c']))[0]).toMatch(/^--public-url: /);
});

test('the settings in use are told with where they were set, and no secret', async () => {
  const path = await file('[limits]\nuploads = 7');
  const lines = describeConfig(readFlags(['--data', 'd', '--config', path]), {
    OVFKITD_PULL_DENY: '10.0.0.0/8,::1',
    OVFKITD_ADMIN_PASSWORD: 'hush',
  });
  expect(lines).toEqual(
    expect.arrayContaining([
      'data = d (--data)',
      'listen = 127.0.0.1:8443 (default)',
      `limits.uploads = 7 (limits.uploads in ${path})`,
      'pull.deny = 10.0.0.0/8,::1 (OVFKITD_PULL_DENY)',
      'OVFKITD_ADMIN_PASSWORD = … (set)',
    ]),
  );
  expect(lines.join('\n')).not.toContain('hush');
});

test('every setting of the file is read, paths relative to its folder', async () => {
  const path = await file(`
    data = "kept"
    listen = "[::1]:443"
    publicUrl = "https://ovf.example.com"
    logLevel = "debug"
    [tls]
    cert = "/etc/cert.pem"
    key = "key.pem"
    [session]
    idleTimeout = "90s"
    terminalTimeout = "2h"
    [pull]
    allow = ["127.0.0.1"]
    deny = ["10.0.0.0/8", "fd00::/8"]
  `);
  const folder = path.replace('/ovfkitd.toml', '');
  expect(read(['--config', path])).toMatchObject({
    data: join(folder, 'kept'),
    listen: { host: '::1', port: 443 },
    plainHttp: false,
    publicUrl: 'https://ovf.example.com',
    logLevel: 'debug',
    tls: { cert: '/etc/cert.pem', key: join(folder, 'key.pem') },
    session: { idleTimeout: 90_000, terminalTimeout: 7_200_000 },
    pull: { allow: ['127.0.0.1'], deny: ['10.0.0.0/8', 'fd00::/8'] },
  });
});

test('flags win over the environment, and that over the file', async () => {
  const path = await file('data = "/file"\nlisten = "127.0.0.1:1"\nlogLevel = "warn"');
  const environment = { OVFKITD_CONFIG: path, OVFKITD_DATA: '/env', OVFKITD_LISTEN: '127.0.0.1:2' };
  expect(read(['--listen', '127.0.0.1:3'], environment)).toMatchObject({
    data: '/env',
    listen: { port: 3 },
    logLevel: 'warn',
  });
});

test('every problem is named at once, with the key and where it was set', async () => {
  const path = await file(
    'lisen = "x"\n[session]\nidleTimeout = "soon"\n[pull]\nallow = ["10.0.0.0/33", "::/8"]\n[tls]\ncert = "c"',
  );
  expect(problemsOf(() => read(['--config', path, '--listen', 'nowhere'], { OVFKITD_LOG_LEVEL: 'loud' }))).toEqual([
    expect.stringMatching(/^--data or OVFKITD_DATA: /),
    '--listen: "nowhere" is not HOST:PORT, such as 127.0.0.1:8443 or [::1]:8443',
    '--tls-key or OVFKITD_TLS_KEY: is missing',
    `session.idleTimeout in ${path}: "soon" is not a time such as 90s, 5m or 1h`,
    `pull.allow in ${path}: is not a network such as 10.0.0.0/8 or fd00::/8`,
    expect.stringMatching(/^OVFKITD_LOG_LEVEL: .*"info"/),
    `lisen in ${path}: there is no such setting`,
  ]);
});

test('a file that is not TOML is named with line and column', async () => {
  const path = await file('data = "d"\nlisten = \n');
  expect(problemsOf(() => read(['--config', path]))[0]).toMatch(new RegExp(`^${path}:2:\\d+: `));
});

test('a file that is not there, and an unknown flag are problems', () => {
  expect(problemsOf(() => read(['--config', '/no/such/file']))[0]).toContain('/no/such/file');
  expect(problemsOf(() => read(['--prot', '1']))[0]).toContain('--prot');
});

describe('plain HTTP', () => {
  test.each(['127.0.0.1:0', '127.1.2.3:80', '[::1]:80', 'localhost:80'])('is taken on %s', (listen) => {
    expect(read(['--data', 'd', '--plain-http', '--listen', listen]).plainHttp).toBe(true);
  });

  test.each(['0.0.0.0:80', '[::]:80', '192.168.1.1:80', 'example.com:80', '127.0.0.1.example.com:80'])(
    'is refused on %s',
    (listen) => {
      const [problem] = problemsOf(() => read(['--data', 'd', '--plain-http', '--listen', listen]));
      expect(problem).toMatch(/^--plain-http: passwords would cross the network in the clear/);
    },
  );
});

test.each(['', 'x', '1.2.3.4', '1.2.3.4:', ':80', '1.2.3.4:65536', '[1.2.3.4]:80', '::1:80', 'a b:80'])(
  'the address %j is refused',
  (listen) => {
    expect(problemsOf(() => read(['--data', 'd', '--listen', listen]))[0]).toMatch(/^--listen: /);
  },
);

test('the environment says yes, no and lists', () => {
  const environment = { OVFKITD_PLAIN_HTTP: '1', OVFKITD_PULL_DENY: '10.0.0.0/8, 192.168.0.0/16' };
  expect(read(['--data', 'd'], environment)).toMatchObject({
    plainHttp: true,
    pull: { deny: ['10.0.0.0/8', '192.168.0.0/16'] },
  });
  expect(problemsOf(() => read(['--data', 'd'], { OVFKITD_PLAIN_HTTP: 'maybe' }))[0]).toMatch(/^OVFKITD_PLAIN_HTTP: /);
});

test('the help names every setting with its variable', () => {
  const help = helpText();
  for (const { key, environment } of settings) {
    expect(help).toContain(`  ${key} `);
    expect(help).toContain(` ${environment} `);
  }
});
