import type { IncomingMessage } from 'node:http';
import { answer, type Handle, vapiError } from './http-server.ts';

export const importPath = '/rest/com/vmware/vcenter/ovf/import-session';

/** What is listed to find out whether it is there; a server without it answers 404. */
const additions: ReadonlySet<string> = new Set([
  importPath,
  '/rest/vcenter/vapp',
  '/rest/vcenter/hardware-version',
  '/rest/com/vmware/content/library',
]);

/** Logins, and the few calls a backend makes when it is created, as a vCenter without additions answers them; `handle` gets the rest. */
export function vcenter(
  handle: Handle,
  { tokens = ['token-1', 'token-2', 'token-3'] }: { readonly tokens?: readonly string[] } = {},
) {
  const logins: IncomingMessage[] = [];
  const logouts: IncomingMessage[] = [];
  const serve: Handle = (request, response) => {
    const { method, url = '' } = request;
    if (url === '/rest/com/vmware/cis/session') {
      (method === 'DELETE' ? logouts : logins).push(request);
      return answer(response, method === 'DELETE' ? {} : { body: { value: tokens[logins.length - 1] } });
    }
    if (url === `${importPath}?~action=preview`)
      return answer(response, { status: 400, body: vapiError('INVALID_ARGUMENT') });
    if (method === 'GET' && additions.has(url)) return answer(response, { status: 404 });
    return handle(request, response);
  };
  return { serve, logins, logouts };
}
