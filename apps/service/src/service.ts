import { SessionError } from '@ovfkit/domain';
import type { DestinationStream, Logger } from 'pino';
import { prepareAdmin } from './admin.ts';
import { auditPath, openAuditLog } from './audit.ts';
import { ConfigError, describeConfig, type Environment, readConfig } from './config.ts';
import { type Flags, readFlags } from './flags.ts';
import { actAsOwner } from './folder-owner.ts';
import { type GcCommand, runGcCommand } from './gc-command.ts';
import { helpText } from './help.ts';
import { createLog } from './log.ts';
import type { Config } from './settings.ts';
import { loadTls, thumbprints } from './tls.ts';
import { runUserCommand } from './user-command.ts';
import { version } from './version.ts';
import { openStore, type Parts, wire } from './wiring.ts';

/** What the service has of the process it runs in. */
export interface ServiceIo {
  /** What the caller asked for or has to know: a line at a time. */
  print(line: string): void;
  /** Why it did not start. */
  complain(line: string): void;
  /** A password from whoever called. */
  password(question: string): Promise<string>;
  /** Calls `act` each time the service is to open its files anew. */
  onHangUp(act: () => void): void;
  /** Where the log goes. */
  readonly log: DestinationStream;
  /** Resolves to a signal's name when the service is to stop. */
  readonly stopped: Promise<string>;
}

/** Exit codes. */
const exit = { stopped: 0, failed: 1, usage: 2 } as const;

/**
 * Runs the service until it is told to stop; resolves to the exit code: 0 stopped, 1 could not start or stop cleanly,
 * 2 called wrongly.
 */
export async function runService(argv: readonly string[], environment: Environment, io: ServiceIo): Promise<number> {
  try {
    const flags = readFlags(argv);
    if (flags.show === 'help') io.print(helpText().trimEnd());
    else if (flags.show === 'version') io.print(`ovfkitd ${version}`);
    else await runWith({ flags, environment, io });
    return exit.stopped;
  } catch (error) {
    if (error instanceof ConfigError) {
      for (const line of error.message.split('\n')) io.complain(`ovfkitd: ${line}`);
      io.complain('Run ovfkitd --help for the flags and settings.');
      return exit.usage;
    }
    io.complain(`ovfkitd: ${explain(error)}`);
    return exit.failed;
  }
}

interface Call {
  readonly flags: Flags;
  readonly environment: Environment;
  readonly io: ServiceIo;
}

async function runWith({ flags, environment, io }: Call): Promise<void> {
  const config = readConfig(flags, environment);
  const [command, ...words] = flags.words;
  if (command === 'user') {
    const given = environment['OVFKITD_USER_PASSWORD'] ?? '';
    const password = given === '' ? io.password : async () => given;
    const by = await actAsOwner(config.data);
    return runUserCommand({ words, role: flags.role, config, by, print: io.print, password });
  }
  if (command === 'gc') return collect({ words, config, isDryRun: flags.isDryRun, io });
  if (flags.isDryRun) throw new ConfigError('--dry-run: goes with ovfkitd gc only');
  if (command !== undefined) throw new ConfigError(`${command}: there is no such command`);
  if (flags.role !== undefined) throw new ConfigError('--role: goes with ovfkitd user add only');
  if (flags.show !== 'config') return serve({ config, adminPassword: environment['OVFKITD_ADMIN_PASSWORD'], io });
  if (config.tls !== undefined) await loadTls(config);
  for (const line of describeConfig(flags, environment)) io.print(line);
}

interface Collecting extends Pick<GcCommand, 'words' | 'config' | 'isDryRun'> {
  readonly io: ServiceIo;
}

async function collect({ io, ...command }: Collecting): Promise<void> {
  const by = await actAsOwner(command.config.data);
  const store = await openStore(command.config, createLog(command.config.logLevel, io.log));
  try {
    await runGcCommand({ ...command, by, store, print: io.print });
  } finally {
    await store.close();
  }
}

interface Serving {
  readonly config: Config;
  readonly adminPassword: string | undefined;
  readonly io: ServiceIo;
}

async function serve({ config, adminPassword, io }: Serving): Promise<void> {
  const log = createLog(config.logLevel, io.log);
  const store = await openStore(config, log);
  const audit = openAuditLog(auditPath(config));
  io.onHangUp(() => audit.reopen());
  try {
    const tls = config.plainHttp ? undefined : await loadTls(config);
    const generated = await prepareAdmin(store.users, adminPassword);
    if (generated !== undefined) io.print(`The password of the user admin is ${generated} (it is shown this once)`);
    const parts = await wire({ config, store, tls, log, audit });
    try {
      await parts.engine.start();
      const { url } = await parts.server.listen(config.listen);
      const prints = tls && thumbprints(tls.cert);
      const suffix = prints ? ` (SHA-256 thumbprint ${prints.sha256}, SHA-1 thumbprint ${prints.sha1})` : '';
      io.print(`ovfkitd listens on ${url}${suffix}`);
      log.info({ url, version, serverGuid: parts.engine.serverGuid }, 'listening');
      log.info({ signal: await io.stopped }, 'stopping');
    } finally {
      await stop(parts, log);
    }
  } finally {
    audit.close();
    await store.close();
  }
}

// clients first, then what works for them: the store is closed when nothing can write any more
async function stop({ server, engine, close }: Parts, log: Logger): Promise<void> {
  await server.close();
  await engine.close();
  await close();
  log.info('stopped');
}

const hints: ReadonlyMap<unknown, string> = new Map([
  ['EADDRINUSE', 'Another program listens there; choose another address with --listen.'],
  ['EADDRNOTAVAIL', 'This machine does not have that address; choose another with --listen.'],
  ['EACCES', 'Ports below 1024 and the folder of --data need the right to use them.'],
  ['ENOTFOUND', 'The host of --listen has no address.'],
]);

function explain(error: unknown): string {
  if (error instanceof SessionError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const hint = 'code' in error ? hints.get(error.code) : undefined;
  return hint === undefined ? error.message : `${error.message}. ${hint}`;
}
