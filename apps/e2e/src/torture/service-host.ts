import { type Service, startService } from '../service.ts';

/** A service that comes back after it is killed: same folder, same address. */
export interface ServiceHost {
  readonly url: URL;
  /** The one that runs; waits for one that is coming back. */
  current(): Promise<Service>;
  /** Kills it; resolves when the next one listens. */
  crash(): Promise<void>;
  /** Asks it to end. @throws Error when it had ended by itself */
  stop(): Promise<number | null>;
}

/** Starts it, with `flags` whenever it starts. */
export async function startServiceHost(data: string, always: readonly string[]): Promise<ServiceHost> {
  let service = await startService({ data, flags: always });
  const url = new URL(service.url);
  // one crash at a time: the second one asked for meanwhile is the same power cut
  let crashing: Promise<void> | undefined;
  async function crash(): Promise<void> {
    await service.kill();
    service = await startService({ data, port: Number(url.port), flags: always });
  }
  return {
    url,
    current: async () => {
      await crashing;
      return service;
    },
    crash: () => {
      crashing ??= crash().finally(() => {
        crashing = undefined;
      });
      return crashing;
    },
    stop: async () => {
      await crashing;
      return service.stop();
    },
  };
}
