import { z } from 'zod';
import { Count, Duration, Listen, Network, orNone, Size } from './setting-values.ts';

/** What a user is told of a setting; its key and its default are the schema's. */
interface Told {
  /** What a value looks like; empty for a switch. */
  readonly value: string;
  readonly text: string;
  /** What happens instead, where the schema has no default. */
  readonly otherwise?: string;
}

const told = z.registry<Told>();

const time = (byDefault: string, text: string) => Duration.prefault(byDefault).register(told, { value: 'TIME', text });
const size = (byDefault: string, text: string) => Size.prefault(byDefault).register(told, { value: 'SIZE', text });
const count = (byDefault: string, text: string) => Count.prefault(byDefault).register(told, { value: 'COUNT', text });
const networks = (text: string) => z.array(Network).prefault([]).register(told, { value: 'CIDR,…', text });

const Pull = z.strictObject({
  allow: networks('networks that packages may be pulled from though they are refused by default'),
  deny: networks('networks that packages may not be pulled from; wins over pull.allow'),
  roles: z
    .array(z.enum(['operator', 'admin', 'none'], 'is not operator, admin or none'))
    .prefault(['operator', 'admin'])
    .register(told, {
      value: 'ROLE,…',
      text: 'roles whose users may have packages fetched: operator, admin or none',
    }),
});

// less, and a full volume could not be emptied: a session is deleted by writing to the database
const Reserve = Size.refine((bytes) => bytes >= 4 * 1024 ** 2, 'is less than 4MiB, what the service itself needs');

const text = () => z.string().min(1);
const unlessSaid = (value: string, what: string): Told => ({ value, text: what, otherwise: 'none' });

/** A vCenter or an ESXi host in place of an inventory of our own. */
const Vsphere = z.strictObject({
  url: z.url({ protocol: /^https$/, error: 'is not an https URL' }).register(told, {
    value: 'URL',
    text: 'vCenter or ESXi host whose machines are imported and exported: the service is its gateway',
    otherwise: 'an inventory of its own, which runs nothing',
  }),
  user: text().register(told, unlessSaid('NAME', 'who the service is there')),
  passwordFile: text().register(told, unlessSaid('FILE', 'its password, in a file that nobody else may read')),
  thumbprint: text().optional().register(told, unlessSaid('HEX', 'SHA-256 or SHA-1 thumbprint of its certificate')),
  ca: text().optional().register(told, unlessSaid('FILE', 'certificate authority of it, PEM')),
  via: z.enum(['lease', 'library']).optional().register(told, {
    value: 'lease|library',
    text: 'whether files go to the hosts themselves, or through its content library',
    otherwise: 'lease',
  }),
  library: text().optional().register(told, unlessSaid('NAME', 'its local content library that packages pass through')),
});

/** What one client may take up; sizes in bytes, times in milliseconds. */
const Limits = z.strictObject({
  descriptorSize: size('16MiB', 'a descriptor, a manifest, a certificate, a message bundle'),
  members: count('10000', 'files of one package'),
  jsonSize: size('32MiB', 'the body of a call'),
  headerSize: size('16KiB', 'the header of a request'),
  sessionsPerUser: count('1000', 'sessions of one user that are kept, ended ones too'),
  uploadsPerUser: count('64', 'uploads of one user under way at a time'),
  uploads: count('512', 'uploads under way at a time'),
  quotaPerUser: orNone(Size).prefault('none').register(told, {
    value: 'SIZE|none',
    text: 'bytes of files kept for one user, in sessions and in what they made',
  }),
  diskReserve: Reserve.prefault('256MiB').register(told, {
    value: 'SIZE',
    text: 'room on the volume that files leave free, for the service itself; at least 4MiB',
  }),
  headerTimeout: time('20s', 'for the TLS handshake and the header of a request to arrive, and for the body of a call'),
  stallTimeout: time('2m', 'silence that ends a transfer'),
  transferTimeout: time('24h', 'one request for a file ends after this; an upload goes on by the next'),
  minimumRate: size(
    '1KiB',
    'bytes a second that a client has to move, on average over half a minute of waiting for it',
  ),
  requestsPerSecond: count('1000', 'requests of one client, by its address; twice as many in a burst'),
  connectionsPerClient: count('1024', 'connections of one client, by its address'),
  connections: count('8192', 'connections in all'),
});

/** Everything that can be set, in the order of the help. */
export const Config = z.strictObject({
  data: z.string('where to keep everything must be said').min(1).register(told, {
    value: 'DIR',
    text: 'folder of everything that is kept; made when it is not there',
    otherwise: 'must be said',
  }),
  listen: Listen.prefault('127.0.0.1:8443').register(told, { value: 'HOST:PORT', text: 'address to listen on' }),
  plainHttp: z.boolean().default(false).register(told, { value: '', text: 'no TLS; only on a loopback address' }),
  publicUrl: z
    .url({ protocol: /^https?$/, error: 'is not an http or https URL' })
    .optional()
    .register(told, {
      value: 'URL',
      text: 'how clients reach the service, when a proxy is in front of it',
      otherwise: 'by the Host of each request',
    }),
  trustedProxies: networks('proxies whose X-Forwarded-For names the client, and which have no limit of connections'),
  tls: z
    .strictObject({
      cert: z.string().register(told, {
        value: 'FILE',
        text: 'certificate in PEM, its chain behind it',
        otherwise: 'made on first start',
      }),
      key: z.string().register(told, {
        value: 'FILE',
        text: 'its private key in PEM',
        otherwise: 'made on first start',
      }),
    })
    .optional(),
  login: z
    .strictObject({
      idleTimeout: time('30m', 'an API session that is not used ends after this'),
      lifetime: time('24h', 'an API session ends after this however much it is used'),
    })
    .prefault({}),
  session: z
    .strictObject({
      idleTimeout: time('5m', 'an unused import, probe or export session ends after this'),
      terminalTimeout: time('1h', 'a completed or failed session is kept for this'),
    })
    .prefault({}),
  vsphere: Vsphere.optional(),
  fileUrlLifetime: time('24h', 'a URL of a file is good for at least this; each look at the session gives a new one'),
  pull: Pull.prefault({}),
  dedup: z.boolean().default(true).register(told, {
    value: 'true|false',
    text: 'bytes that are here already are kept once, and need not be sent by a user who may read them and tells their digest',
  }),
  limits: Limits.prefault({}),
  auditFile: z.string().optional().register(told, {
    value: 'FILE',
    text: 'who did what to which session, a JSON line each; SIGHUP opens it anew',
    otherwise: 'audit.jsonl in the folder of data',
  }),
  logLevel: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .register(told, { value: 'LEVEL', text: 'fatal, error, warn, info, debug, trace or silent' }),
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

const forms: ReadonlyMap<string, Setting['form']> = new Map([
  ['', 'yesNo'],
  ['true|false', 'choice'],
  ['DIR', 'path'],
  ['FILE', 'path'],
  ['CIDR,…', 'list'],
  ['ROLE,…', 'list'],
]);

/** In the order of the help. */
export const settings: readonly Setting[] = settingsIn(Config, '');

function settingsIn(section: z.ZodObject, prefix: string): readonly Setting[] {
  return Object.entries(section.shape).flatMap(([name, schema]) => {
    const about = told.get(schema);
    if (about !== undefined) return [settingOf(schema, prefix + name, about)];
    const inner = schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional ? schema.unwrap() : schema;
    return inner instanceof z.ZodObject ? settingsIn(inner, `${prefix}${name}.`) : [];
  });
}

function settingOf(schema: z.core.$ZodType, key: string, { value, text, otherwise }: Told): Setting {
  const words = key.replaceAll(/[A-Z]|\./g, (each) => (each === '.' ? '-' : `-${each.toLowerCase()}`));
  const environment = `OVFKITD_${words.replaceAll('-', '_').toUpperCase()}`;
  const form = forms.get(value) ?? 'text';
  return { key, flag: words, environment, value, form, default: otherwise ?? defaultOf(schema), text };
}

function defaultOf(schema: z.core.$ZodType): string {
  const byDefault = schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault ? schema.def.defaultValue : [];
  return String(byDefault) || 'none';
}
