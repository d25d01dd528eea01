export { createRestBackend, type RestBackend, type RestOptions, type ServerFacts } from './backend.ts';
export { type PeerCertificate, peerCertificate, readThumbprint, type Thumbprints } from './certificate.ts';
export { detectSessionApi, type SessionApi } from './detect.ts';
export { type NetworkFailure, toSessionError } from './errors.ts';
export {
  createFileHosts,
  type FileHosts,
  type FileHostsOptions,
  type HostDownload,
  type HostFile,
  type HostUpload,
} from './file-hosts.ts';
export type { Credentials } from './login.ts';
export { createPullSource, type PullSourceOptions } from './pull-source.ts';
export { backOff, isPassing, pause, type RetryNotice } from './retry.ts';
export { tlsInstead } from './scheme.ts';
export {
  createWireClient,
  type WireClient,
  type WireClientAnswer,
  type WireClientOptions,
  type WireClientRequest,
} from './wire-client.ts';
