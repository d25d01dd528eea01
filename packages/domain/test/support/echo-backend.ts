import type { SessionBackend } from '@ovfkit/domain';

interface Call {
  /** Such as `importSession.get`. */
  readonly method: string;
  readonly input: unknown;
  readonly options: unknown;
}

/** A backend that only writes down what is called, whatever its methods are. */
export function createEcho(): { readonly backend: SessionBackend; readonly calls: readonly Call[] } {
  const calls: Call[] = [];
  const at = (path: readonly string[]): object =>
    new Proxy(() => {}, {
      get: (_, name) => at([...path, String(name)]),
      apply: (_, __, [input, options]: readonly unknown[]) => {
        calls.push({ method: path.join('.'), input, options });
        return Promise.resolve();
      },
    });
  // the one cast: a proxy has every method, which no type says
  return { backend: at([]) as SessionBackend, calls };
}
