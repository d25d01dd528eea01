import type { ServiceContent, VimCall, VimClient, VimMethod } from './vim-client.ts';

/** How calls and their answers are written: SOAP or VI JSON. It holds the session, and knows nothing of logins. */
export interface Transport {
  readonly name: VimClient['transport'];
  /** What the server is, asked without a login. */
  serviceContent(signal?: AbortSignal): Promise<ServiceContent>;
  /**
   * Sends a call once and reads its result. A session that the answer opens is the one of the calls that follow.
   * @throws SessionError for a fault, with `data` a `VimFault`, and when no answer came; the signal's reason
   */
  send<Result>(method: VimMethod<Result>, call: VimCall): Promise<Result>;
}
