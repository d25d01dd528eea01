import type { PackageReader } from '@ovfkit/package-format';
import { type CheckedPackage, checkPackage } from './check-package.ts';
import { type ChosenParameters, type ImportResult, tryParameters, withImportSession } from './import-run.ts';
import { createPush, createSpecOf, type Pushing, type PushSettings, pushPackage, takesFiles } from './push.ts';

export interface ImportOptions extends PushSettings {
  /** Open, and closed by the caller afterwards. */
  readonly package: PackageReader;
  /**
   * Whether the package costs little to read, as one on this machine does: a file is read an extra time then where its manifest tells no
   * SHA-256 and the server has bytes of its size. False by default.
   */
  readonly isLocal?: boolean | undefined;
  /** Files that are sent at once; 4 by default. */
  readonly concurrency?: number | undefined;
}

/** What an import would do: the parameters as they were chosen, and the server's answer to them. Its errors stand in the way of the import. */
export type ImportPlan = ChosenParameters;

/**
 * Imports a package by push. Nothing is sent before the package is found sound; the session is deleted in every ending but those a
 * `continuation` keeps it for, and what was imported then stays. Of a session that is gone on with only what it lacks is sent.
 * @throws PackageError (the package), SessionError (the server or the network; INVALID_ARGUMENT for a digest that differs, with `data.file`,
 *   `data.expected` and `data.actual`), the signal's reason
 */
export async function importPackage(options: ImportOptions): Promise<ImportResult> {
  return pushPackage(options, await checkedPushing(options));
}

/**
 * The same up to the parameters: creates nothing, sends descriptor and message bundles only. Errors as `importPackage`, but what is wrong with
 * the parameters is in the answer.
 */
export async function planImport(options: ImportOptions): Promise<ImportPlan> {
  const pushing = await checkedPushing(options);
  return withImportSession(options, createSpecOf(options, pushing.checked), async (run) => {
    await createPush(run, pushing).descriptorAndBundles();
    return tryParameters(run, options.parameters);
  });
}

async function checkedPushing(options: ImportOptions): Promise<Pushing> {
  return {
    checked: await check(options),
    concurrency: options.concurrency ?? 4,
    isLocal: options.isLocal ?? false,
    async sendContent({ info, sender, signal }) {
      if (takesFiles(info)) await sender.sendAll(info.files, signal);
    },
  };
}

async function check({
  package: reader,
  verifyManifest = true,
  flags = [],
  onProgress,
}: ImportOptions): Promise<CheckedPackage> {
  const checked = await checkPackage(reader, { verifyManifest, lax: flags.includes('LAX') });
  for (const text of checked.warnings) onProgress?.({ type: 'warning', text });
  return checked;
}
