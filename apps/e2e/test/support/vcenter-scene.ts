import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { request as plainRequest, type RequestListener } from 'node:http';
import { createServer, request as tlsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportMethods, offerOptions } from '../../../../packages/vsphere/test/support/vim-server/export-methods.ts';
import {
  importMethods,
  type SpecRemarks,
} from '../../../../packages/vsphere/test/support/vim-server/import-methods.ts';
import { pullMethods } from '../../../../packages/vsphere/test/support/vim-server/lease-pull.ts';
import { createNfcLeases, type NfcLeases } from '../../../../packages/vsphere/test/support/vim-server/nfc-leases.ts';
import { privilegeMethods } from '../../../../packages/vsphere/test/support/vim-server/privilege-methods.ts';
import {
  entityNames,
  sampleVcenter,
  startSampleVcenter,
} from '../../../../packages/vsphere/test/support/vim-server/sample-vcenter.ts';
import type { VimServer } from '../../../../packages/vsphere/test/support/vim-server/vim-server.ts';
import { makeIdentity } from '../../src/file-server.ts';
import { type Ended, runOvfkit } from '../../src/ovfkit.ts';
import { makeAppliance } from '../../src/sample-appliance.ts';
import { type Service, startService } from '../../src/service.ts';

/** What the vCenter has, and can be taken from it one by one. */
export interface Switches {
  /** Its REST API at all: an ESXi host has none. */
  rest: 'on' | 'off';
  sessionApi: 'on' | 'off' | 'forbidden' | 'overloaded';
  library: 'on' | 'off';
  /** A silent one takes what comes, and says nothing. */
  vim: 'on' | 'off' | 'silent';
  /** Downloads from its library that are larger stop here, and go on no more. */
  stallsAt?: number | undefined;
}

/**
 * A vCenter of our own behind one address with TLS: vim25 with leases from our test server, the REST API from an ovfkitd. The two have
 * inventories of their own: what comes by sessions is not among the machines of vim25.
 */
export interface VcenterScene {
  readonly url: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** SHA-256. */
  readonly thumbprint: string;
  /** PEM. */
  readonly certificate: string;
  readonly switches: Switches;
  /** `resgroup-11 VApp.Import`. */
  readonly denied: Set<string>;
  readonly server: VimServer;
  readonly leases: NfcLeases;
  /** What vim25 says of the next descriptor. */
  readonly remarks: SpecRemarks;
  readonly folder: string;
  /** Path of an archive that asks for hardware that the vCenter has. */
  readonly appliance: string;
  /** `vi://user@127.0.0.1:1234`. */
  readonly locator: string;
  ovfkit(args: readonly string[], options?: Omit<Parameters<typeof runOvfkit>[1], 'config'>): Promise<Ended>;
  /** Of vim25: machines and vApps. */
  names(): readonly string[];
  /** What the command line has left in the folder for temporary files. */
  leftBehind(): Promise<readonly string[]>;
  close(): Promise<void>;
}

const user = 'user';
const password = 'pass';

/** Capacities are those of the disks of the archive. */
export async function openVcenterScene(capacities: readonly number[] = [3 * 1024 ** 2]): Promise<VcenterScene> {
  const folder = await mkdtemp(join(tmpdir(), 'ovfkit-vcenter-'));
  const sample = await makeAppliance({ folder: join(folder, 'sample'), name: 'sample', capacities });
  const appliance = join(folder, 'sample.ova');
  const config = join(folder, 'config');
  await runOvfkit(['repair', sample.folder, '-o', appliance, '--hardware', 'vmx-13'], { config });
  const service = await startService({ data: join(folder, 'data') });
  const { server, leases, remarks, denied } = await startVim();
  const switches: Switches = { rest: 'on', sessionApi: 'on', library: 'on', vim: 'on' };
  const front = await startFront({ switches, service, server });
  const env = { OVFKIT_PASSWORD: password, TMPDIR: folder };
  return {
    ...front,
    user,
    password,
    switches,
    denied,
    server,
    leases,
    remarks,
    folder,
    appliance,
    locator: `vi://${user}@127.0.0.1:${front.port}`,
    ovfkit: (words, options = {}) => runOvfkit(words, { config, ...options, env: { ...env, ...options.env } }),
    names: () => entityNames(server.model),
    leftBehind: async () => (await readdir(folder)).filter((each) => each.startsWith('.ovfkit-')),
    async close() {
      leases.expire();
      await front.close();
      await server.close();
      await service.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startVim() {
  const leases = createNfcLeases();
  const denied = new Set<string>();
  const remarks: SpecRemarks = { asked: [], errors: [], warnings: [], files: [] };
  const model = sampleVcenter();
  offerOptions(model);
  const methods = {
    ...importMethods(leases, remarks),
    ...exportMethods(leases),
    ...pullMethods(leases),
    ...privilegeMethods(model, denied),
  };
  const server = await startSampleVcenter({ model, methods });
  leases.listen(server);
  return { server, leases, remarks, denied };
}

interface Behind {
  readonly switches: Switches;
  readonly service: Service;
  readonly server: VimServer;
}

async function startFront(behind: Behind) {
  const identity = await makeIdentity();
  const front = createServer({ key: identity.key, cert: identity.cert }, pass(behind));
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  // the one cast: a server that listens on a port has an address of this kind
  const { port } = front.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    port,
    thumbprint: new X509Certificate(identity.cert).fingerprint256,
    certificate: identity.cert,
    async close() {
      front.closeAllConnections();
      front.close();
      await once(front, 'close');
    },
  };
}

/** How a path is answered without a look behind; nothing when it is passed on. */
function refusal({ rest, sessionApi, library, vim }: Switches, path: string): number | undefined {
  if (/^\/(sdk|pbm)\b/.test(path)) return vim === 'off' ? 404 : undefined;
  if (!/^\/(rest|api)\//.test(path)) return undefined;
  if (rest === 'off') return 404;
  if (/vcenter\/ovf\/(?!library-item)/.test(path))
    return { on: undefined, off: 404, forbidden: 403, overloaded: 503 }[sessionApi];
  return library === 'off' && path.includes('/content/') ? 404 : undefined;
}

const pass =
  ({ switches, service, server }: Behind): RequestListener =>
  (request, response) => {
    const path = request.url ?? '/';
    const status = refusal(switches, path);
    if (status !== undefined) {
      request.resume();
      return void response.writeHead(status, { 'content-type': 'text/plain' }).end('not here');
    }
    const isVim = /^\/(sdk|pbm|nfc)\b/.test(path);
    if (isVim && switches.vim === 'silent') return void request.resume();
    const { authorization } = request.headers;
    // one login for both
    const login = authorization === basic(user, password) ? basic(service.user, service.password) : authorization;
    const headers = { ...request.headers, ...(login === undefined ? {} : { authorization: login }) };
    const { method } = request;
    const passed = isVim
      ? plainRequest(new URL(path, server.url), { method, headers })
      : tlsRequest(new URL(path, service.url), { method, headers, rejectUnauthorized: false });
    passed.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      const { stallsAt } = switches;
      if (isVim || stallsAt === undefined || Number(answer.headers['content-length']) <= stallsAt)
        return void answer.pipe(response);
      let left = stallsAt;
      answer.on('data', (chunk: Buffer) => {
        if (left > 0) response.write(chunk.subarray(0, left));
        left -= chunk.length;
      });
    });
    passed.on('error', () => response.destroy());
    response.on('close', () => passed.destroy());
    request.pipe(passed);
  };

const basic = (name: string, secret: string): string => `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`;
