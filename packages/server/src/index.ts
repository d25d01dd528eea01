export type { TlsFiles } from './http-server.ts';
export type { ServerLimits } from './limits.ts';
export { type Principal, Role } from './principal.ts';
export type { RequestReport } from './request-report.ts';
export type { ErrorReport } from './router.ts';
export {
  createSessionServer,
  type SessionServer,
  type SessionServerOptions,
} from './session-server.ts';
