import { findGarbage } from '@ovfkit/engine';
import type { LocalStore } from '@ovfkit/store-local';
import { auditPath, openAuditLog } from './audit.ts';
import { ConfigError } from './config.ts';
import type { Config } from './settings.ts';

export interface GcCommand {
  /** Behind `gc`. */
  readonly words: readonly string[];
  readonly config: Config;
  /** Who called, for the audit. */
  readonly by: string;
  /** Of the folder, which no service has. */
  readonly store: LocalStore;
  /** Tells what would be deleted, and deletes nothing. */
  readonly isDryRun: boolean;
  print(line: string): void;
}

/**
 * Runs `ovfkitd gc`: a line for each file that nobody needs, which is then deleted, and for each that is needed and lacking.
 * @throws ConfigError for a call that is wrong; Error when a file is lacking
 */
export async function runGcCommand({ words, config, by, store, isDryRun, print }: GcCommand): Promise<void> {
  if (words.length > 0) throw new ConfigError(`gc ${words.join(' ')}: it is gc, or gc --dry-run`);
  const { orphans, missing } = await findGarbage(store);
  for (const key of orphans) {
    print(`${isDryRun ? 'orphan' : 'deleted'}  ${JSON.stringify(key)}  ${await store.blobs.size(key)} bytes`);
    if (!isDryRun) await store.blobs.delete(key);
  }
  for (const { key, neededBy } of missing) print(`missing  ${JSON.stringify(key)}  needed by ${neededBy}`);
  if (!isDryRun && orphans.length > 0) noteIn({ config, by }, orphans.length);
  if (missing.length > 0)
    throw new Error(`${missing.length} files are needed and not there: restore them from a backup.`);
}

function noteIn({ config, by }: Pick<GcCommand, 'config' | 'by'>, deleted: number): void {
  const audit = openAuditLog(auditPath(config));
  audit.record({
    user: by,
    operation: 'gc',
    target: { files: String(deleted) },
    outcome: 'done',
  });
  audit.close();
}
