import { fromStandardError, type OvfMessage, SessionError } from '@ovfkit/domain';

/** One error of a session as text: with file, line and column where it has them. */
export function describeMessage(each: OvfMessage): string {
  if (each.error) return fromStandardError(each.error).message;
  if (each.issues)
    return each.issues
      .map(({ file, lineNumber, columnNumber, message }) => {
        const place = [file, lineNumber, columnNumber].filter((part) => part !== '' && part !== -1).join(':');
        return place === '' ? message.defaultMessage : `${place}: ${message.defaultMessage}`;
      })
      .join('; ');
  const text = each.message?.localized ?? each.message?.defaultMessage ?? 'no reason was given';
  return each.name === undefined ? text : `${each.name}${each.value === undefined ? '' : ` = ${each.value}`}: ${text}`;
}

/** What a session that ended in an error died of. The errors themselves are in `data.errors`. */
export function sessionFailure(state: string, errors: readonly OvfMessage[]): SessionError {
  const text = errors.map(describeMessage).join('; ');
  const standard = errors.find(({ error }) => error !== undefined)?.error;
  const cause = standard === undefined ? undefined : fromStandardError(standard);
  return new SessionError(
    cause?.kind ?? 'INVALID_ARGUMENT',
    text === '' ? `The session ended in ${state} without saying why.` : text,
    {
      data: { state, errors },
      ...(cause === undefined ? {} : { cause }),
    },
  );
}
