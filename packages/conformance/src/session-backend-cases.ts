import type { Case } from './case.ts';
import { exportCases } from './export-cases.ts';
import { importLifeCases } from './import-life-cases.ts';
import { importParameterCases } from './import-parameter-cases.ts';
import { importPushCases } from './import-push-cases.ts';
import { importRefusalCases } from './import-refusal-cases.ts';
import type { BackendSubject } from './scene.ts';
import { uploadCases } from './upload-cases.ts';
import { vappCases } from './vapp-cases.ts';

/**
 * The laws of `SessionBackend`: the contract as a client meets it. Cases may share one backend and run in any order; what
 * they make has names of its own and is removed.
 */
export const sessionBackendCases: readonly Case<BackendSubject>[] = [
  ...importPushCases,
  ...importRefusalCases,
  ...importParameterCases,
  ...importLifeCases,
  ...uploadCases,
  ...exportCases,
  ...vappCases,
];
