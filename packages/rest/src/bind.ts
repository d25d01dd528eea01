import { randomUUID } from 'node:crypto';
import type { CallOptions } from '@ovfkit/domain';
import type { Route } from '@ovfkit/domain/wire';
import type { Client } from './client.ts';
import type { Settle } from './settled.ts';

/** A route as a method of a service. */
export const bind =
  (client: Client) =>
  <Input, Output>(route: Route<Input, Output>) =>
  (input: Input, options?: CallOptions): Promise<Output> =>
    client.call({ route, input, options });

/** A route that makes something, as a method. */
export const creating =
  (client: Client) =>
  <Input extends { readonly clientToken?: string }, Output>(route: Route<Input, Output>) =>
  (input: Input, options?: CallOptions): Promise<Output> =>
    client.call({ route, input: { ...input, clientToken: input.clientToken ?? randomUUID() }, options });

/** A route that cannot be done twice, as a method: `settle` says what a repetition that is refused has come to. */
export const settling =
  (client: Client) =>
  <Input, Output>(route: Route<Input, Output>, settle: (input: Input, options?: CallOptions) => Settle<Output>) =>
  (input: Input, options?: CallOptions): Promise<Output> =>
    client.call({ route, input, options, settle: settle(input, options) });
