import type { ImportCreateSpec, ImportInfo } from '@ovfkit/domain';
import type { ImportPlan } from './import-package.ts';
import {
  chooseParameters,
  type ImportResult,
  type ImportRun,
  type ImportSettings,
  resultOf,
  withImportSession,
} from './import-run.ts';

export interface ImportUrlOptions extends ImportSettings {
  /** http or https, of an `.ovf` or an `.ova`; reached from the server, not from here. */
  readonly url: string;
  /** SHA-1 of the source's certificate, when the server does not trust it otherwise. */
  readonly thumbprint?: string | undefined;
}

/**
 * Imports a package that the server pulls. No byte passes here; the session is deleted in every ending.
 * @throws SessionError, the signal's reason
 */
export async function importUrl(options: ImportUrlOptions): Promise<ImportResult> {
  return withImportSession(options, createSpecOf(options), async (run) => {
    await waitFor(run, 'IMPORT_SELECTING_OVF_PARAMS');
    const { parameters } = await chooseParameters(run, options.parameters);
    await run.backend.importSession.instantiate({ id: run.id, instantiationParameters: parameters }, run.callOptions());
    const info = await waitFor(run, 'IMPORT_COMPLETED');
    return resultOf(run, { info, bytesSent: 0 });
  });
}

/** The same up to the parameters: creates nothing. Errors as `importUrl`. */
export async function planImportUrl(options: ImportUrlOptions): Promise<ImportPlan> {
  return withImportSession(options, createSpecOf(options), async (run) => {
    await waitFor(run, 'IMPORT_SELECTING_OVF_PARAMS');
    return chooseParameters(run, options.parameters);
  });
}

function createSpecOf({ url, thumbprint, flags = [], locale }: ImportUrlOptions): ImportCreateSpec {
  return {
    sourceType: 'PULL_SOURCE',
    pullSource: url,
    importFlags: [...flags],
    ...(thumbprint === undefined ? {} : { sslCertificateThumbprint: thumbprint }),
    ...(locale === undefined ? {} : { locale }),
  };
}

/** Polling keeps the session alive as well. */
const waitFor = (run: ImportRun, state: ImportInfo['state']): Promise<ImportInfo> =>
  run.until((info) => {
    for (const { name, bytesTransferred, size } of info.files)
      if (bytesTransferred > 0)
        run.reporter.file(name, { sent: bytesTransferred, size: size === 0 ? undefined : size });
    return info.state === state;
  });
