import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from './settings.ts';

// by name, wherever they stand: what is logged today has none of them, what is logged tomorrow must not either
const secrets: ReadonlySet<string> = new Set([
  'password',
  'token',
  'authorization',
  'cookie',
  'vmware-api-session-id',
  'file_url',
  'fileUrl',
]);

// not by pino, which makes its list of paths anew for each line: a tenth of all that an import of many files allocates
const blottedFields = (fields: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, secrets.has(name) ? '…' : blotted(value)]));

function blotted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Error) return value;
  return Array.isArray(value) ? value.map(blotted) : blottedFields(value);
}

// http://user:password@host/path?query and /ovf/transfer/CAPABILITY/name, wherever they stand in a text
const secretParts = [
  [/(\bhttps?:\/\/)[^\s/@"']*@/gi, '$1…@'],
  [/(\bhttps?:\/\/[^\s?"']*\?)[^\s"']+/gi, '$1…'],
  [/(\/ovf\/transfer\/)[^\s/"']+/g, '$1…'],
] as const;

/** A text without what URLs in it may hold of secrets. */
export const withoutSecrets = (text: string): string =>
  secretParts.reduce((left, [pattern, replacement]) => left.replaceAll(pattern, replacement), text);

// errors come with the words of other servers, and with the addresses they were asked at
const serializeError = (error: Error) => {
  const { type, message, stack } = pino.stdSerializers.err(error);
  return { type, message: withoutSecrets(message), stack: withoutSecrets(stack) };
};

/** JSON lines, one an event, with secrets blotted out. */
export const createLog = (level: Config['logLevel'], destination: DestinationStream): Logger =>
  pino(
    {
      level,
      base: null,
      serializers: { err: serializeError },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: {
        level: (label) => ({ level: label }),
        log: blottedFields,
      },
    },
    destination,
  );
