import { z } from 'zod';
import { Count, Duration, Listen, Network, orNone, Size } from './setting-values.ts';

const Networks = z.array(Network).prefault([]);

/** A role whose users may have packages fetched; `none` is for nobody. */
const Puller = z.enum(['operator', 'admin', 'none'], 'is not operator, admin or none');

// less, and a full volume could not be emptied: a session is deleted by writing to the database
const Reserve = Size.refine((bytes) => bytes >= 4 * 1024 ** 2, 'is less than 4MiB, what the service itself needs');

/** What one client may take up; sizes in bytes, times in milliseconds. */
const Limits = z.strictObject({
  descriptorSize: Size.prefault('16MiB'),
  members: Count.prefault('10000'),
  jsonSize: Size.prefault('32MiB'),
  headerSize: Size.prefault('16KiB'),
  sessionsPerUser: Count.prefault('1000'),
  uploadsPerUser: Count.prefault('64'),
  uploads: Count.prefault('512'),
  quotaPerUser: orNone(Size).prefault('none'),
  diskReserve: Reserve.prefault('256MiB'),
  headerTimeout: Duration.prefault('20s'),
  stallTimeout: Duration.prefault('2m'),
  transferTimeout: Duration.prefault('24h'),
  minimumRate: Size.prefault('1KiB'),
  requestsPerSecond: Count.prefault('1000'),
  connectionsPerClient: Count.prefault('1024'),
  connections: Count.prefault('8192'),
});

/** Everything that can be set. */
export const Config = z.strictObject({
  data: z.string('where to keep everything must be said').min(1),
  listen: Listen.prefault('127.0.0.1:8443'),
  plainHttp: z.boolean().default(false),
  publicUrl: z.url({ protocol: /^https?$/, error: 'is not an http or https URL' }).optional(),
  trustedProxies: Networks,
  tls: z.strictObject({ cert: z.string(), key: z.string() }).optional(),
  login: z.strictObject({ idleTimeout: Duration.prefault('30m'), lifetime: Duration.prefault('24h') }).prefault({}),
  session: z
    .strictObject({ idleTimeout: Duration.prefault('5m'), terminalTimeout: Duration.prefault('1h') })
    .prefault({}),
  fileUrlLifetime: Duration.prefault('24h'),
  pull: z
    .strictObject({ allow: Networks, deny: Networks, roles: z.array(Puller).prefault(['operator', 'admin']) })
    .prefault({}),
  dedup: z.boolean().default(true),
  limits: Limits.prefault({}),
  auditFile: z.string().optional(),
  logLevel: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});
export type Config = z.infer<typeof Config>;

/** One setting as a user finds it. */
export interface Setting {
  /** In the configuration file. */
  readonly key: string;
  /** Without its hyphens. */
  readonly flag: string;
  readonly environment: string;
  /** What a value looks like; empty for a switch. */
  readonly value: string;
  readonly form: 'text' | 'path' | 'yesNo' | 'choice' | 'list';
  /** As a user would write it, or what happens instead. */
  readonly default: string;
  readonly text: string;
}

// key, what a value looks like, the default, what it is
const rows: readonly (readonly [string, string, string, string])[] = [
  ['data', 'DIR', 'must be said', 'folder of everything that is kept; made when it is not there'],
  ['listen', 'HOST:PORT', '127.0.0.1:8443', 'address to listen on'],
  ['plainHttp', '', 'false', 'no TLS; only on a loopback address'],
  ['publicUrl', 'URL', 'by the Host of each request', 'how clients reach the service, when a proxy is in front of it'],
  [
    'trustedProxies',
    'CIDR,…',
    'none',
    'proxies whose X-Forwarded-For names the client, and which have no limit of connections',
  ],
  ['tls.cert', 'FILE', 'made on first start', 'certificate in PEM, its chain behind it'],
  ['tls.key', 'FILE', 'made on first start', 'its private key in PEM'],
  ['login.idleTimeout', 'TIME', '30m', 'an API session that is not used ends after this'],
  ['login.lifetime', 'TIME', '24h', 'an API session ends after this however much it is used'],
  ['session.idleTimeout', 'TIME', '5m', 'an unused import, probe or export session ends after this'],
  ['session.terminalTimeout', 'TIME', '1h', 'a completed or failed session is kept for this'],
  [
    'fileUrlLifetime',
    'TIME',
    '24h',
    'a URL of a file is good for at least this; each look at the session gives a new one',
  ],
  ['pull.allow', 'CIDR,…', 'none', 'networks that packages may be pulled from though they are refused by default'],
  ['pull.deny', 'CIDR,…', 'none', 'networks that packages may not be pulled from; wins over pull.allow'],
  ['pull.roles', 'ROLE,…', 'operator,admin', 'roles whose users may have packages fetched: operator, admin or none'],
  [
    'dedup',
    'true|false',
    'true',
    'bytes that are here already are kept once, and need not be sent by a user who may read them and tells their digest',
  ],
  ['limits.descriptorSize', 'SIZE', '16MiB', 'a descriptor, a manifest, a certificate, a message bundle'],
  ['limits.members', 'COUNT', '10000', 'files of one package'],
  ['limits.jsonSize', 'SIZE', '32MiB', 'the body of a call'],
  ['limits.headerSize', 'SIZE', '16KiB', 'the header of a request'],
  ['limits.sessionsPerUser', 'COUNT', '1000', 'sessions of one user that are kept, ended ones too'],
  ['limits.uploadsPerUser', 'COUNT', '64', 'uploads of one user under way at a time'],
  ['limits.uploads', 'COUNT', '512', 'uploads under way at a time'],
  ['limits.quotaPerUser', 'SIZE|none', 'none', 'bytes of files kept for one user, in sessions and in what they made'],
  [
    'limits.diskReserve',
    'SIZE',
    '256MiB',
    'room on the volume that files leave free, for the service itself; at least 4MiB',
  ],
  [
    'limits.headerTimeout',
    'TIME',
    '20s',
    'for the TLS handshake and the header of a request to arrive, and for the body of a call',
  ],
  ['limits.stallTimeout', 'TIME', '2m', 'silence that ends a transfer'],
  ['limits.transferTimeout', 'TIME', '24h', 'one request for a file ends after this; an upload goes on by the next'],
  [
    'limits.minimumRate',
    'SIZE',
    '1KiB',
    'bytes a second that a client has to move, on average over half a minute of waiting for it',
  ],
  ['limits.requestsPerSecond', 'COUNT', '1000', 'requests of one client, by its address; twice as many in a burst'],
  ['limits.connectionsPerClient', 'COUNT', '1024', 'connections of one client, by its address'],
  ['limits.connections', 'COUNT', '8192', 'connections in all'],
  [
    'auditFile',
    'FILE',
    'audit.jsonl in the folder of data',
    'who did what to which session, a JSON line each; SIGHUP opens it anew',
  ],
  ['logLevel', 'LEVEL', 'info', 'fatal, error, warn, info, debug, trace or silent'],
];

const forms: ReadonlyMap<string, Setting['form']> = new Map([
  ['', 'yesNo'],
  ['true|false', 'choice'],
  ['DIR', 'path'],
  ['FILE', 'path'],
  ['CIDR,…', 'list'],
  ['ROLE,…', 'list'],
]);

/** In the order of the help. */
export const settings: readonly Setting[] = rows.map(([key, value, byDefault, text]) => {
  const words = key.replaceAll(/[A-Z]|\./g, (each) => (each === '.' ? '-' : `-${each.toLowerCase()}`));
  const environment = `OVFKITD_${words.replaceAll('-', '_').toUpperCase()}`;
  return { key, flag: words, environment, value, form: forms.get(value) ?? 'text', default: byDefault, text };
});
