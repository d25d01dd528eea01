import type { Stage } from './stage.ts';

/**
 * What a target has to offer for a case to make sense; without it the case is told as not offered.
 * `sessions`: the session services, which VMware keeps internal. `sessionsInApi`: the same in `/api`, which no document of theirs has.
 * `pull`: the target reaches the suite's own file server. `library`: a content library. `reader`: a second user, who may only read.
 * `expiry`: the time after which it forgets a session is known. `api`: the `/api` dialect, from 7.0 U2 onward.
 */
export type Need = 'sessions' | 'sessionsInApi' | 'pull' | 'library' | 'reader' | 'expiry' | 'api';

/** One rule of the contract, and the check of it by requests and answers alone. */
export interface ContractCase {
  /** Dots between its parts, the service first. */
  readonly id: string;
  /** Of the contract, such as `3.5`. */
  readonly section: string;
  /** A sentence that could be false. */
  readonly title: string;
  readonly needs: readonly Need[];
  /** Rejects when the rule is broken. What it makes is removed by the stage. */
  run(stage: Stage): Promise<void>;
}
