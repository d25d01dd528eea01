/** One request, as it goes out. */
export interface HttpRequest {
  readonly method: string;
  /** Absolute; escapes in it stay as they are. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
}

/** One answer, as it came. */
export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case; several of one name are joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/**
 * Sends a request and reads its answer, whatever its status: follows nothing, repeats nothing, adds no login. Rejects when no answer comes.
 */
export type SendHttp = (request: HttpRequest) => Promise<HttpAnswer>;
