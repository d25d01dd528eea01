import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from './settings.ts';

// by name, wherever they stand: what is logged today has none of them, what is logged tomorrow must not either
const secrets = ['password', 'token', 'authorization', 'cookie', '"vmware-api-session-id"', 'file_url', 'fileUrl'];

/** JSON lines, one an event, with secrets blotted out. */
export const createLog = (level: Config['logLevel'], destination: DestinationStream): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: secrets.flatMap((name) =>
          name.startsWith('"') ? [`[${name}]`, `*[${name}]`] : [name, `*.${name}`, `*.*.${name}`],
        ),
        censor: '…',
      },
    },
    destination,
  );
