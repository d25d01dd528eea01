import type { SendHttp } from '@ovfkit/conformance';
import type { SessionBackend } from '@ovfkit/domain';

/** A way to break the service, and the rules that have to be seen broken: these, and no other. */
export interface Mutation {
  readonly name: string;
  readonly breaks: readonly string[];
  /** Between the server and the engine. */
  readonly backend?: (backend: SessionBackend) => SessionBackend;
  /** Between the suite and the server. */
  readonly wire?: (send: SendHttp) => SendHttp;
}
