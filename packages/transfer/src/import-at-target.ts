import type { ImportCreateSpec, ImportInfo } from '@ovfkit/domain';
import type { ImportPlan } from './import-package.ts';
import {
  type ImportResult,
  type ImportRun,
  type ImportSettings,
  instantiateChosen,
  isDone,
  isReading,
  isSelecting,
  resultOf,
  tryParameters,
  withImportSession,
} from './import-run.ts';

/** Where the target gets a package from. */
export type SourceSpec = Pick<
  ImportCreateSpec,
  'sourceType' | 'pullSource' | 'sslCertificateThumbprint' | 'contentLibraryItem'
>;

/** Imports what the target gets by itself, as `spec` says. No byte passes here; the session is deleted in every ending. */
export function importAtTarget(options: ImportSettings, spec: SourceSpec): Promise<ImportResult> {
  return withImportSession(options, createSpecOf(options, spec), async (run) => {
    if (isSelecting(await waitFor(run, isRead))) await instantiateChosen(run, options.parameters);
    const info = await waitFor(run, isDone);
    return resultOf(run, { info, bytesSent: 0, bytesThere: 0 });
  });
}

/** The same up to the parameters: creates nothing. */
export function planAtTarget(options: ImportSettings, spec: SourceSpec): Promise<ImportPlan> {
  return withImportSession(options, createSpecOf(options, spec), async (run) => {
    await waitFor(run, isRead);
    return tryParameters(run, options.parameters);
  });
}

const createSpecOf = ({ flags = [], locale }: ImportSettings, spec: SourceSpec): ImportCreateSpec => ({
  ...spec,
  importFlags: [...flags],
  ...(locale === undefined ? {} : { locale }),
});

const isRead = (info: ImportInfo): boolean => !isReading(info);

/** Polling keeps the session alive as well. */
const waitFor = (run: ImportRun, isThere: (info: ImportInfo) => boolean): Promise<ImportInfo> =>
  run.until((info) => {
    for (const { name, bytesTransferred, size } of info.files)
      if (bytesTransferred > 0)
        run.reporter.file(name, { sent: bytesTransferred, size: size === 0 ? undefined : size });
    return isThere(info);
  });
