import { type ErrorKind, message, type ProbeResult, SessionError } from '@ovfkit/domain';
import type { Core } from './core.ts';
import { letGo } from './pull/fetch-file.ts';

interface ProbeQuestion {
  readonly uri: string;
  readonly sslCertificateThumbprint?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Whether a pull source can be reached, and which certificate it shows; failures are values (contract, section 3.8). */
export async function probe({ pull }: Core, question: ProbeQuestion): Promise<ProbeResult> {
  const { uri, sslCertificateThumbprint: thumbprint, signal } = question;
  const common = signal === undefined ? {} : { signal };
  try {
    const pulled = await pull.open({ url: uri, ...common, ...(thumbprint === undefined ? {} : { thumbprint }) });
    await letGo(pulled);
    const seen = await pull.thumbprint(uri, signal);
    return { status: 'SUCCESS', ...(seen === undefined ? {} : { sslThumbprint: seen }) };
  } catch (error) {
    signal?.throwIfAborted();
    const status = statusOf(error);
    const seen =
      status === 'CERTIFICATE_ERROR' || status === 'UNKNOWN_ERROR' ? await thumbprintOf(pull, uri) : undefined;
    const text = error instanceof SessionError ? error.message : 'The source cannot be reached.';
    return {
      status,
      ...(seen === undefined ? {} : { sslThumbprint: seen }),
      errorMessages: [message(`com.ovfkit.probe.${status.toLowerCase()}`, '{0}', text)],
    };
  }
}

const statuses: Partial<Record<ErrorKind, ProbeResult['status']>> = {
  INVALID_ARGUMENT: 'INVALID_URL',
  TIMED_OUT: 'TIMED_OUT',
  UNVERIFIED_PEER: 'CERTIFICATE_ERROR',
};

function statusOf(error: unknown): ProbeResult['status'] {
  if (!(error instanceof SessionError)) return 'UNKNOWN_ERROR';
  return isNameUnknown(error) ? 'HOST_NOT_FOUND' : (statuses[error.kind] ?? 'UNKNOWN_ERROR');
}

function isNameUnknown({ cause }: SessionError): boolean {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return code === 'ENOTFOUND' || code === 'EAI_AGAIN';
}

async function thumbprintOf(pull: Core['pull'], uri: string): Promise<string | undefined> {
  try {
    return await pull.thumbprint(uri);
  } catch {
    return undefined;
  }
}
