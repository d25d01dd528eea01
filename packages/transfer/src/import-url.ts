import { importAtTarget, planAtTarget, type SourceSpec } from './import-at-target.ts';
import type { ImportPlan } from './import-package.ts';
import type { ImportResult, ImportSettings } from './import-run.ts';

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
export const importUrl = (options: ImportUrlOptions): Promise<ImportResult> =>
  importAtTarget(options, sourceOf(options));

/** The same up to the parameters: creates nothing. Errors as `importUrl`, but what is wrong with the parameters is in the answer. */
export const planImportUrl = (options: ImportUrlOptions): Promise<ImportPlan> =>
  planAtTarget(options, sourceOf(options));

const sourceOf = ({ url, thumbprint }: ImportUrlOptions): SourceSpec => ({
  sourceType: 'PULL_SOURCE',
  pullSource: url,
  ...(thumbprint === undefined ? {} : { sslCertificateThumbprint: thumbprint }),
});
