export { fromWire, toWire } from './codec.ts';
export { decodeError, encodeError, isBodyless } from './error.ts';
export type { JsonSchema } from './json-schema.ts';
export { type RouteMatch, routeMatcher } from './match.ts';
export type { Dialect } from './names.ts';
export {
  type OpenApiDocument,
  type OpenApiOperation,
  type OpenApiPaths,
  openApiDocument,
} from './open-api.ts';
export {
  type AnyRoute,
  actionIn,
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  type Operation,
  pathOf,
  type RequestParts,
  type Route,
  type WireRequest,
} from './route.ts';
export { operationRoutes, operations, routes } from './routes.ts';
export { ApiSession, headerOnlyLogin, loginRoutes, sessionHeader } from './session.ts';
