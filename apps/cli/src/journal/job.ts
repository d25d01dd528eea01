import { z } from 'zod';

const text = z.exactOptional(z.string());
const flag = z.exactOptional(z.literal(true));

/** The options of an import that decide what comes of it, with paths that hold from any folder. */
export const JobOptions = z.strictObject({
  source: z.string(),
  /** Name or URL of the target; never a password. */
  to: z.string(),
  user: text,
  thumbprint: text,
  ca: text,
  name: text,
  net: z.exactOptional(z.array(z.string())),
  prop: z.exactOptional(z.array(z.strictObject({ key: z.string(), value: z.string() }))),
  datastore: text,
  diskMode: text,
  pool: text,
  folder: text,
  host: text,
  deploymentOption: text,
  acceptEula: flag,
  anySigner: flag,
  annotation: text,
  verify: z.boolean(),
  lax: flag,
  pull: flag,
  viaClient: flag,
  sourceThumbprint: text,
  sourceCa: text,
  ifExists: z.exactOptional(z.enum(['fail', 'skip', 'replace', 'rename'])),
});
export type JobOptions = z.infer<typeof JobOptions>;

/** An import that has begun: what it takes to go on with it in another process. */
export const Job = z.strictObject({
  v: z.literal(1),
  id: z.string(),
  /** Milliseconds since 1970. */
  createdAt: z.number(),
  options: JobOptions,
  /** Changes with the package; empty when the target fetches it. */
  fingerprint: z.string(),
  /** Names the session before its id is known. */
  clientToken: z.string(),
  sessionId: text,
  /** Chosen by `--if-exists`: the name to take, and the machine that gives it up. */
  name: text,
  replaces: z.exactOptional(z.strictObject({ kind: z.enum(['vm', 'vapp']), id: z.string() })),
  /** What was made: from here on only the session is left to be deleted. */
  outcome: z.exactOptional(z.strictObject({ vmId: text, vappId: text })),
});
export type Job = z.infer<typeof Job>;
