import { randomUUID } from 'node:crypto';
import { type CallOptions, type LocalizableMessage, message, type OvfFlag, SessionError } from '@ovfkit/domain';

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The token of a call, or a new one. @throws SessionError INVALID_ARGUMENT when it is no UUID (contract, section 12.3) */
export function clientTokenOf(token: string | undefined): string {
  if (token === undefined) return randomUUID();
  if (uuid.test(token)) return token.toLowerCase();
  throw new SessionError('INVALID_ARGUMENT', `The client token ${token} is not a UUID.`);
}

/** A token of one service means nothing to another, though both keep sessions of one kind. @throws SessionError as `clientTokenOf` */
export const sessionTokenOf = (token: string | undefined, service: string | undefined): string =>
  service === undefined ? clientTokenOf(token) : `${service}:${clientTokenOf(token)}`;

/** @throws SessionError INVALID_ARGUMENT with each of `problems` as a message of its own */
export const refuse = (problems: readonly string[]): void =>
  refuseMessages(problems.map((text) => message('com.ovfkit.error.invalid_argument', '{0}', text)));

/** @throws SessionError INVALID_ARGUMENT with these messages, unless there are none */
export function refuseMessages(messages: readonly LocalizableMessage[]): void {
  if (messages.length === 0) return;
  const text = messages.map(({ defaultMessage }) => defaultMessage).join(' ');
  throw new SessionError('INVALID_ARGUMENT', text, { messages });
}

/** What is wrong with a list of flags; unknown ones are refused (contract, section 8.1). */
export function flagProblems(flags: readonly string[] | undefined, known: readonly OvfFlag[]): readonly string[] {
  return (flags ?? [])
    .filter((flag) => known.every(({ option }) => option !== flag))
    .map((flag) => `The flag ${flag} is not known.`);
}

/** The services of `Calls`, each of which first looks whether its signal is aborted already. */
export function guarded<Input, Result>(
  call: (input: Input, options?: CallOptions) => Promise<Result>,
): (input: Input, options?: CallOptions) => Promise<Result> {
  return async (input, options) => {
    options?.signal?.throwIfAborted();
    return call(input, options);
  };
}

/** @throws SessionError INVALID_ARGUMENT for a percentage out of bounds or lower than the one before */
export function checkPercent(percent: number, before: number): void {
  if (!Number.isInteger(percent) || percent < 0 || percent > 100)
    throw new SessionError('INVALID_ARGUMENT', `${percent} is not a percentage from 0 to 100.`);
  if (percent < before) throw new SessionError('INVALID_ARGUMENT', `The progress is ${before} percent already.`);
}
