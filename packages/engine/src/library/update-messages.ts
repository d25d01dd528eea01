import { type LocalizableMessage, message, SessionError } from '@ovfkit/domain';
import { PackageError } from '@ovfkit/package-format';

/** What a session ends with when files are missing; nothing when none is. */
export const missingMessage = (missing: readonly string[]): LocalizableMessage | undefined =>
  missing.length === 0
    ? undefined
    : message('com.ovfkit.library.missing', 'The package lacks: {0}.', missing.join(', '));

/** Why a file or a session failed. An error that nobody threw on purpose is not quoted. */
export function toMessage(error: unknown): LocalizableMessage {
  if (error instanceof PackageError)
    return message(`com.ovfkit.package.${error.code.toLowerCase()}`, '{0}', error.message);
  if (error instanceof SessionError)
    return error.messages[0] ?? message(`com.ovfkit.error.${error.kind.toLowerCase()}`, '{0}', error.message);
  return message('com.ovfkit.error.internal_server_error', 'The server failed at this; its log says why.');
}
