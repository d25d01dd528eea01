interface Start {
  /** Of an upload that goes on. */
  readonly isStarted: boolean;
  readonly start: () => Promise<unknown>;
}

/** To be called for every chunk of a file: the session is told of the first one that ever came. No byte of it is acknowledged by that, so it need not outlast a power cut. */
export function startOnce({ isStarted, start }: Start): () => Promise<void> {
  let isTold = isStarted;
  return async () => {
    if (!isTold) await start();
    isTold = true;
  };
}
