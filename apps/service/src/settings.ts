import { isIP } from 'node:net';
import { z } from 'zod';

/** `HOST:PORT`, as `{ host, port }`; an IPv6 address stands in brackets. */
const Listen = z.string().transform((text, context) => {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host !== undefined && port <= 65_535 && (bracketed === undefined || isIP(bracketed) === 6)) return { host, port };
  context.addIssue({ code: 'custom', message: `"${text}" is not HOST:PORT, such as 127.0.0.1:8443 or [::1]:8443` });
  return z.NEVER;
});

const units = new Map([
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

/** `90s`, `5m`, `1h`, as milliseconds. */
const Duration = z.string().transform((text, context) => {
  const [, count, unit = ''] = /^(\d{1,9})([smh])$/.exec(text) ?? [];
  const value = Number(count) * (units.get(unit) ?? 0);
  if (value > 0) return value;
  context.addIssue({ code: 'custom', message: `"${text}" is not a time such as 90s, 5m or 1h` });
  return z.NEVER;
});

/** `10.0.0.0/8`, `fd00::/8`, or a single address. */
const Network = z.string().refine((text) => {
  const [address = '', bits, ...rest] = text.split('/');
  const longest = isIP(address) === 6 ? 128 : 32;
  return (
    isIP(address) !== 0 &&
    rest.length === 0 &&
    (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= longest))
  );
}, 'is not a network such as 10.0.0.0/8 or fd00::/8');

const LogLevel = z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']);

const Tls = z.strictObject({ cert: z.string(), key: z.string() });
const Session = z.strictObject({
  idleTimeout: Duration.default(300_000),
  terminalTimeout: Duration.default(3_600_000),
});
const Pull = z.strictObject({ allow: z.array(Network).default([]), deny: z.array(Network).default([]) });

/** Everything that can be set. */
export const Config = z.strictObject({
  data: z.string('where to keep everything must be said').min(1),
  listen: Listen.default({ host: '127.0.0.1', port: 8443 }),
  plainHttp: z.boolean().default(false),
  publicUrl: z.url({ protocol: /^https?$/, error: 'is not an http or https URL' }).optional(),
  tls: Tls.optional(),
  session: Session.default({ idleTimeout: 300_000, terminalTimeout: 3_600_000 }),
  pull: Pull.default({ allow: [], deny: [] }),
  logLevel: LogLevel.default('info'),
});
export type Config = z.infer<typeof Config>;

/** One setting as a user finds it. */
export interface Setting {
  /** In the configuration file. */
  readonly key: string;
  readonly environment: string;
  /** Absent where only the file and the environment have it. */
  readonly flag?: string;
  readonly value: string;
  readonly form: 'text' | 'path' | 'yesNo' | 'list';
  readonly text: string;
}

/** In the order of the help. */
export const settings: readonly Setting[] = [
  {
    key: 'data',
    environment: 'OVFKITD_DATA',
    flag: 'data',
    value: 'DIR',
    form: 'path',
    text: 'folder of everything that is kept; made when it is not there',
  },
  {
    key: 'listen',
    environment: 'OVFKITD_LISTEN',
    flag: 'listen',
    value: 'HOST:PORT',
    form: 'text',
    text: 'address to listen on (127.0.0.1:8443)',
  },
  {
    key: 'plainHttp',
    environment: 'OVFKITD_PLAIN_HTTP',
    flag: 'plain-http',
    value: '',
    form: 'yesNo',
    text: 'no TLS; only on a loopback address',
  },
  {
    key: 'publicUrl',
    environment: 'OVFKITD_PUBLIC_URL',
    value: 'URL',
    form: 'text',
    text: 'how clients reach the service, when a proxy is in front of it',
  },
  {
    key: 'tls.cert',
    environment: 'OVFKITD_TLS_CERT',
    value: 'FILE',
    form: 'path',
    text: 'certificate in PEM, its chain behind it (made on first start)',
  },
  {
    key: 'tls.key',
    environment: 'OVFKITD_TLS_KEY',
    value: 'FILE',
    form: 'path',
    text: 'its private key in PEM',
  },
  {
    key: 'session.idleTimeout',
    environment: 'OVFKITD_SESSION_IDLE_TIMEOUT',
    value: 'TIME',
    form: 'text',
    text: 'an unused session ends after this (5m)',
  },
  {
    key: 'session.terminalTimeout',
    environment: 'OVFKITD_SESSION_TERMINAL_TIMEOUT',
    value: 'TIME',
    form: 'text',
    text: 'a completed or failed session is kept for this (1h)',
  },
  {
    key: 'pull.allow',
    environment: 'OVFKITD_PULL_ALLOW',
    value: 'CIDR,…',
    form: 'list',
    text: 'networks that packages may be pulled from though they are refused by default',
  },
  {
    key: 'pull.deny',
    environment: 'OVFKITD_PULL_DENY',
    value: 'CIDR,…',
    form: 'list',
    text: 'networks that packages may not be pulled from',
  },
  {
    key: 'logLevel',
    environment: 'OVFKITD_LOG_LEVEL',
    value: 'LEVEL',
    form: 'text',
    text: 'fatal, error, warn, info, debug, trace or silent (info)',
  },
];
