import { onTestFinished } from 'vitest';
import { createRestBackend, type RestBackend, type RestOptions } from '../../src/index.ts';

/** A backend for user `u`, closed when the test ends. */
export async function connect(
  url: string,
  options: Partial<Omit<RestOptions, 'user' | 'password' | 'token'>> = {},
): Promise<RestBackend> {
  const backend = await createRestBackend({ url, user: 'u', password: 'p', stallTimeoutMs: 2_000, ...options });
  onTestFinished(() => backend.close());
  return backend;
}

export async function* chunksOf(
  ...chunks: readonly (string | Uint8Array)[]
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const chunk of chunks) yield typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
}

export async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part);
  return Buffer.concat(parts).toString();
}
