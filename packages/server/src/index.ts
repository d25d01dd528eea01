export type { RequestReport } from './app.ts';
export type { TlsFiles } from './http-server.ts';
export { type Principal, Role } from './principal.ts';
export type { ErrorReport } from './router.ts';
export {
  createSessionServer,
  type ServerLimits,
  type SessionServer,
  type SessionServerOptions,
} from './session-server.ts';
