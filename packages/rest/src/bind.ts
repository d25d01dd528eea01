import type { CallOptions } from '@ovfkit/domain';
import type { Route } from '@ovfkit/domain/wire';
import type { Client } from './client.ts';

/** A route as a method of a service. */
export const bind =
  (client: Client) =>
  <Input, Output>(route: Route<Input, Output>) =>
  (input: Input, options?: CallOptions): Promise<Output> =>
    client.call({ route, input, options });
