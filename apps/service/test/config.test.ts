import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from '../src/config.ts';
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

test('only the folder must be said, the rest has defaults', () => {
  expect(read(['--data', 'd'])).toEqual({
    data: 'd',
    listen: { host: '127.0.0.1', port: 8443 },
    plainHttp: false,
    session: { idleTimeout: 300_000, terminalTimeout: 3_600_000 },
    pull: { allow: [], deny: [] },
    logLevel: 'info',
  });
  expect(problemsOf(() => read([]))).toEqual(['--data or OVFKITD_DATA: where to keep everything must be said']);
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
  expect(read(['--config', path])).toEqual({
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
    'OVFKITD_TLS_KEY: is missing',
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

test('a file that is not there, an unknown flag and a stray word are problems', () => {
  expect(problemsOf(() => read(['--config', '/no/such/file']))[0]).toContain('/no/such/file');
  expect(problemsOf(() => read(['--prot', '1']))[0]).toContain('--prot');
  expect(problemsOf(() => read(['start']))[0]).toContain('start');
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
