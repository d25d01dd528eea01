import { createHash, randomBytes } from 'node:crypto';
import type { Principal } from './principal.ts';

/** An API session (contract, section 1.3). Times are milliseconds since 1970. */
export interface ApiToken {
  readonly principal: Principal;
  readonly createdAt: number;
  readonly lastAccessedAt: number;
}

/** The tokens that are in force. They live in memory: after a restart clients log in again, as on any 401. */
export interface ApiTokens {
  /** Resolves to a new token. It is told once; only its hash is kept. */
  issue(principal: Principal): string;
  /** Finding a token counts as a use of it. */
  find(token: string): ApiToken | undefined;
  /** An unknown token is no error. */
  revoke(token: string): void;
}

export interface ApiTokensOptions {
  /** A token that is not used for this long ends. */
  readonly idleMs: number;
  /** It ends after this however much it is used. */
  readonly lifetimeMs: number;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** No tokens at first. */
export function createApiTokens({ idleMs, lifetimeMs, clock }: ApiTokensOptions): ApiTokens {
  const byHash = new Map<string, ApiToken>();
  const isLive = (token: ApiToken) => clock() - token.lastAccessedAt < idleMs && clock() - token.createdAt < lifetimeMs;
  return {
    issue(principal) {
      // a login is rare and costs far more than this walk
      for (const [hash, each] of byHash) if (!isLive(each)) byHash.delete(hash);
      const token = randomBytes(32).toString('hex');
      byHash.set(hashOf(token), { principal, createdAt: clock(), lastAccessedAt: clock() });
      return token;
    },
    find(token) {
      const hash = hashOf(token);
      const found = byHash.get(hash);
      if (found === undefined) return undefined;
      if (!isLive(found)) {
        byHash.delete(hash);
        return undefined;
      }
      const used = { ...found, lastAccessedAt: clock() };
      byHash.set(hash, used);
      return used;
    },
    revoke(token) {
      byHash.delete(hashOf(token));
    },
  };
}
