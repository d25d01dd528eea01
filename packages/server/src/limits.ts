/** What clients may take up. Sizes are bytes. */
export interface ServerLimits {
  /** Of a request's JSON, descriptors for `preview` included; 32 MiB when absent. */
  readonly jsonBody?: number;
  /** Of a request's header; 16 KiB when absent. */
  readonly headerSize?: number;
  /** For the TLS handshake, and for a request's header to arrive; 20 s when absent. */
  readonly headerTimeoutMs?: number;
  /** A client that is silent for so long in the middle of a file is cut off, and a call's body has to be here. Two minutes when absent. */
  readonly stallTimeoutMs?: number;
  /** One request for a file ends after this, and goes on by another. A day when absent. */
  readonly transferTimeoutMs?: number;
  /** Bytes a second that a client has to send or take, on average over the time that is spent waiting for it; 1 KiB when absent. */
  readonly minimumRate?: number;
  /** Of one client, by its address; twice as many in a burst. No limit when absent. */
  readonly requestsPerSecond?: number;
  /** Of one client, by its address. No limit when absent. */
  readonly connectionsPerClient?: number;
  /** No limit when absent. */
  readonly connections?: number;
  /** Under way at a time, of one user and in all. No limit when absent. */
  readonly uploadsPerUser?: number;
  readonly uploads?: number;
  /** File URLs are good for at least this long; the service hands out new ones at every `get`. A day when absent. */
  readonly fileUrlLifetimeMs?: number;
}

const dayMs = 24 * 3_600_000;
const none = Number.POSITIVE_INFINITY;

const defaults: Required<ServerLimits> = {
  jsonBody: 32 * 1024 * 1024,
  headerSize: 16 * 1024,
  headerTimeoutMs: 20_000,
  stallTimeoutMs: 120_000,
  transferTimeoutMs: dayMs,
  minimumRate: 1024,
  requestsPerSecond: none,
  connectionsPerClient: none,
  connections: none,
  uploadsPerUser: none,
  uploads: none,
  fileUrlLifetimeMs: dayMs,
};

/** Every limit. */
export const allLimits = (limits: ServerLimits): Required<ServerLimits> => ({ ...defaults, ...limits });
