export { blobStoreCases } from './blob-store-cases.ts';
export type { Case } from './case.ts';
export { inventoryCases } from './inventory-cases.ts';
export { breakingOff, bytesOf, collect, inPieces, noise } from './sample-bytes.ts';
export { type SamplePlace, sampleEntity, sampleMachine, sampleVapp } from './sample-entity.ts';
export { type SampleOptions, sampleExportSession, sampleImportSession, sampleProbeSession } from './sample-session.ts';
export { sessionStoreCases } from './session-store-cases.ts';
