import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { VimValue } from '../../../src/vim/vim-value.ts';
import { type Model, propertyOf, type ServedObject, VimServerFault } from './model.ts';
import { localized, type Methods, type VimServer } from './vim-server.ts';

/** A device of a lease: bytes go into it, or come out. */
export interface Device {
  readonly key: string;
  readonly importKey?: string;
  /** The last part of its URL. */
  readonly name: string;
  readonly isDisk: boolean;
  bytes: Buffer;
}

interface Lease {
  readonly object: ServedObject;
  /** Nothing before the lease is ready. */
  made: Made | undefined;
  timer: ReturnType<typeof setTimeout>;
}

/** One request of a file. */
export interface NfcRequest {
  readonly method: string;
  readonly name: string;
  readonly overwrite: string | undefined;
  readonly range: string | undefined;
  /** Of what came. */
  readonly sha256: string;
}

/** Leases of a server and the host behind their URLs, with ways to fail. */
export interface NfcLeases {
  readonly methods: Methods;
  readonly requests: readonly NfcRequest[];
  /** Seconds. */
  timeout: number;
  /** Where devices are; `*` is the server itself. */
  host: string;
  /** A lease that begins from now on fails so. */
  failure: VimServerFault | undefined;
  /** The next requests of files break when so many bytes have passed. */
  readonly breaks: number[];
  /** A download that breaks waits for this before it does: bytes that nobody has read yet go with the connection. */
  breaksWhen: Promise<void>;
  /** The next requests of files are answered so. */
  readonly statuses: number[];
  /** Whether downloads begin anywhere. */
  hasRanges: boolean;
  /** What hosts tell of a file's SHA-256, in place of the truth. */
  checksum: string | undefined;
  /** Whether leases that begin from now on say that hosts fetch files themselves. */
  canPull: boolean;
  /** Those of a lease. */
  devicesOf(value: string): readonly Device[];
  begin(given: LeaseGiven): ServedObject['ref'];
  /** Resolves when what was begun last has been made. */
  settled(): Promise<void>;
  isLeased(value: string): boolean;
  /** Ends every lease, as silence does. */
  expire(): void;
  listen(server: VimServer): void;
}

/** What a lease is for. */
export interface Made {
  readonly entity: ServedObject['ref'];
  readonly devices: readonly Device[];
  readonly undo: () => void;
}

export interface LeaseGiven {
  readonly model: Model;
  /** Called when the lease gets ready; when it was aborted before as well, for a task that runs is not ended by that. */
  readonly make: () => Made;
  /** In an export. */
  readonly totalDiskCapacityInKB?: number;
}

const timedOut = (): VimServerFault => new VimServerFault('Timedout', 'The operation timed out.');

/** No lease yet. Files are served below `/nfc/`, from `listen` on. */
export function createNfcLeases(): NfcLeases {
  const leases = new Map<string, Lease>();
  const requests: NfcRequest[] = [];
  let settled = Promise.resolve();
  const end = (id: string, isUndone: 'undone' | 'kept'): void => {
    const lease = leases.get(id);
    if (lease === undefined) return;
    clearTimeout(lease.timer);
    leases.delete(id);
    if (isUndone === 'undone') lease.made?.undo();
  };
  const expire = (id: string): void => {
    const lease = leases.get(id);
    if (lease !== undefined) Object.assign(lease.object.properties, { state: 'error', error: localized(timedOut()) });
    end(id, 'undone');
  };
  const own: NfcLeases = {
    methods: leaseMethods(() => own, { leases, end, expire }),
    requests,
    timeout: 300,
    host: '*',
    failure: undefined,
    breaks: [],
    breaksWhen: Promise.resolve(),
    statuses: [],
    hasRanges: true,
    checksum: undefined,
    canPull: false,
    devicesOf: (value) => leases.get(value)?.made?.devices ?? [],
    begin(given) {
      const { ref, isReady } = begin(own, { ...given, leases, expire });
      settled = isReady;
      return ref;
    },
    settled: () => settled,
    isLeased: (value) => [...leases.values()].some(({ object }) => entityOf(object) === value),
    expire() {
      for (const id of [...leases.keys()]) expire(id);
    },
    listen: (server) =>
      server.serve('/nfc/', (request, response) => void serveFile({ own, leases, requests }, { request, response })),
  };
  return own;
}

const entityOf = ({ properties }: ServedObject): VimValue | undefined => propertyOf(properties, 'info.entity.value');

function begin(
  own: NfcLeases,
  {
    model,
    make,
    totalDiskCapacityInKB = 0,
    leases,
    expire,
  }: LeaseGiven & { readonly leases: Map<string, Lease>; readonly expire: (id: string) => void },
): { readonly ref: ServedObject['ref']; readonly isReady: Promise<void> } {
  // vSphere's have brackets
  const id = `session[52]${model.nextId('lease')}`;
  const capabilities = { _typeName: 'HttpNfcLeaseCapabilities', pullModeSupported: own.canPull, corsSupported: false };
  const object = model.add('HttpNfcLease', id, { state: 'initializing', capabilities });
  const lease: Lease = { object, made: undefined, timer: setTimeout(() => expire(id), own.timeout * 1000) };
  leases.set(id, lease);
  const { failure, host, timeout } = own;
  const isReady = pause(20).then(() => {
    if (failure !== undefined)
      return void Object.assign(object.properties, { state: 'error', error: localized(failure) });
    lease.made = make();
    const info = infoOf(lease.made, { ref: object.ref, host, timeout, totalDiskCapacityInKB });
    Object.assign(object.properties, { state: 'ready', info });
  });
  return { ref: object.ref, isReady };
}

interface Leasing {
  readonly ref: ServedObject['ref'];
  readonly host: string;
  readonly timeout: number;
  readonly totalDiskCapacityInKB: number;
}

const infoOf = ({ entity, devices }: Made, { ref, host, timeout, totalDiskCapacityInKB }: Leasing) => ({
  _typeName: 'HttpNfcLeaseInfo',
  lease: ref,
  entity,
  deviceUrl: devices.map(({ key, importKey, name, isDisk }) => ({
    _typeName: 'HttpNfcLeaseDeviceUrl',
    key,
    importKey: importKey ?? '',
    url: `https://${host}/nfc/${encodeURIComponent(ref.value)}/${name}`,
    sslThumbprint: '',
    disk: isDisk,
    targetId: name,
  })),
  totalDiskCapacityInKB,
  leaseTimeout: timeout,
});

interface Ends {
  readonly leases: Map<string, Lease>;
  readonly end: (id: string, isUndone: 'undone' | 'kept') => void;
  readonly expire: (id: string) => void;
}

function leaseMethods(own: () => NfcLeases, { leases, end, expire }: Ends): Methods {
  const living = (object: ServedObject): Lease => {
    const lease = leases.get(object.ref.value);
    if (lease === undefined)
      throw new VimServerFault('InvalidState', 'The operation is not allowed in the current state.');
    return lease;
  };
  return {
    'HttpNfcLease.HttpNfcLeaseProgress': ({ object }) => {
      const lease = living(object);
      clearTimeout(lease.timer);
      lease.timer = setTimeout(() => expire(object.ref.value), own().timeout * 1000);
    },
    'HttpNfcLease.HttpNfcLeaseComplete': ({ object, model }) => {
      living(object);
      end(object.ref.value, 'kept');
      model.remove(object.ref);
    },
    'HttpNfcLease.HttpNfcLeaseAbort': ({ object, model }) => {
      end(object.ref.value, 'undone');
      model.remove(object.ref);
    },
    'HttpNfcLease.HttpNfcLeaseSetManifestChecksumType': ({ object }) => void living(object),
    'HttpNfcLease.HttpNfcLeaseGetManifest': ({ object }) =>
      (living(object).made?.devices ?? []).map(({ key, bytes, isDisk }) => ({
        _typeName: 'HttpNfcLeaseManifestEntry',
        key,
        sha1: createHash('sha1').update(bytes).digest('hex'),
        checksum: own().checksum ?? createHash('sha256').update(bytes).digest('hex'),
        checksumType: 'sha256',
        size: bytes.length,
        disk: isDisk,
      })),
  };
}

interface Serving {
  readonly own: NfcLeases;
  readonly leases: Map<string, Lease>;
  readonly requests: NfcRequest[];
}

async function serveFile(
  { own, leases, requests }: Serving,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
): Promise<void> {
  const { method = '', url = '', headers } = request;
  const [, , id = '', name = ''] = url.split('/').map(decodeURIComponent);
  const device = leases.get(id)?.made?.devices.find((each) => each.name === name);
  const breaksAt = own.breaks.shift();
  const status = own.statuses.shift();
  const told = { method, name, overwrite: String(headers['overwrite'] ?? ''), range: headers.range };
  if (method === 'GET') {
    requests.push({ ...told, sha256: '' });
    if (device === undefined) return void response.writeHead(404).end('no such device');
    const start = own.hasRanges ? Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0) : 0;
    return sendFile(response, { bytes: device.bytes, start, breaksAt, breaksWhen: own.breaksWhen });
  }
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      parts.push(part);
      size += part.length;
      if (breaksAt !== undefined && size >= breaksAt) return void request.socket.destroy();
    }
  } catch {
    return; // the client has gone
  } finally {
    requests.push({ ...told, sha256: createHash('sha256').update(Buffer.concat(parts)).digest('hex') });
  }
  if (status !== undefined) return void response.writeHead(status).end('trouble');
  if (device === undefined) return void response.writeHead(404).end('no such device');
  device.bytes = Buffer.concat(parts);
  response.end();
}

/** What is written in one go is kept twice, where there is TLS: a disk is not. */
const pieceSize = 256 * 1024;

function* pieces(bytes: Buffer, start: number): Generator<Buffer> {
  for (let at = start; at < bytes.length; at += pieceSize) yield bytes.subarray(at, at + pieceSize);
}

async function sendFile(
  response: ServerResponse,
  {
    bytes,
    start,
    breaksAt,
    breaksWhen,
  }: {
    readonly bytes: Buffer;
    readonly start: number;
    readonly breaksAt: number | undefined;
    readonly breaksWhen: Promise<void>;
  },
): Promise<void> {
  response.writeHead(start > 0 ? 206 : 200, {
    'content-length': bytes.length - start,
    ...(start > 0 ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {}),
  });
  // a client that stops reading is none of ours
  if (breaksAt === undefined) return pipeline(pieces(bytes, start), response).catch(() => undefined);
  response.write(bytes.subarray(start, start + breaksAt));
  await breaksWhen;
  response.socket?.destroy();
}
