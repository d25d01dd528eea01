import { classCases } from './class-cases.ts';
import { contentLibraryCases } from './content-library-cases.ts';
import type { ContractCase } from './contract-case.ts';
import { detectionCases } from './detection-cases.ts';
import { dialectCases } from './dialect-cases.ts';
import { errorCases } from './error-cases.ts';
import { exportCases } from './export-cases.ts';
import { exportLifeCases } from './export-life-cases.ts';
import { fileCases } from './file-cases.ts';
import { flagCases } from './flag-cases.ts';
import { importCreateCases } from './import-create-cases.ts';
import { importLifeCases } from './import-life-cases.ts';
import { importParameterCases } from './import-parameter-cases.ts';
import { contractLibraryCases } from './library-cases.ts';
import { loginCases } from './login-cases.ts';
import { mapCases } from './map-cases.ts';
import { messageCases } from './message-cases.ts';
import { operationCases } from './operation-cases.ts';
import { optionCases } from './option-cases.ts';
import { parameterCases } from './parameter-cases.ts';
import { previewCases } from './preview-cases.ts';
import { probeCases } from './probe-cases.ts';
import { probeSessionCases } from './probe-session-cases.ts';
import { pullCases } from './pull-cases.ts';
import { transitionCases } from './transition-cases.ts';

const inOrder = new Intl.Collator('en', { numeric: true });

/** Every case of the contract, by section. Cases of one section stay in the order they were written. */
export const contractCases: readonly ContractCase[] = [
  ...dialectCases,
  ...mapCases,
  ...classCases,
  ...loginCases,
  ...errorCases,
  ...operationCases,
  ...importCreateCases,
  ...importLifeCases,
  ...importParameterCases,
  ...previewCases,
  ...probeCases,
  ...probeSessionCases,
  ...exportCases,
  ...exportLifeCases,
  ...flagCases,
  ...contractLibraryCases,
  ...contentLibraryCases,
  ...messageCases,
  ...parameterCases,
  ...transitionCases,
  ...pullCases,
  ...fileCases,
  ...optionCases,
  ...detectionCases,
].toSorted((a, b) => inOrder.compare(a.section, b.section));
