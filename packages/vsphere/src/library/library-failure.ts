import { fromStandardError, type OvfError, type ResultInfo, SessionError } from '@ovfkit/domain';

/** Why something with a library item did not come off: the server's reasons, which are in `data.errors` too. */
export function failedInLibrary(what: 'deployment from' | 'export to', error: ResultInfo | undefined): SessionError {
  const errors = error?.errors ?? [];
  const text = errors.map(textOf).join('; ');
  const standard = errors.find((each) => each.error !== undefined)?.error;
  const cause = standard === undefined ? undefined : fromStandardError(standard);
  return new SessionError(
    cause?.kind ?? 'INVALID_ARGUMENT',
    text === '' ? `The ${what} the content library failed, and the server does not say why.` : text,
    { data: { errors }, ...(cause === undefined ? {} : { cause }) },
  );
}

function textOf({ error, issues, message, name }: OvfError): string {
  if (error !== undefined) return fromStandardError(error).message;
  if (issues !== undefined) return issues.map((issue) => issue.message.defaultMessage).join('; ');
  const text = message?.localized ?? message?.defaultMessage ?? 'no reason was given';
  return name === undefined ? text : `${name}: ${text}`;
}
