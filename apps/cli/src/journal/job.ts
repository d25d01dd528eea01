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
  storagePolicy: text,
  diskDatastore: z.exactOptional(z.array(z.strictObject({ key: z.string(), value: z.string() }))),
  powerOn: flag,
  waitForIp: z.exactOptional(z.number()),
  markAsTemplate: flag,
  injectOvfEnv: flag,
  pool: text,
  cluster: text,
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

/** The options of an export that decide what comes of it, with paths that hold from any folder. */
export const ExportJobOptions = z.strictObject({
  source: text,
  /** Name or URL of the target; never a password. */
  from: z.string(),
  user: text,
  thumbprint: text,
  ca: text,
  output: text,
  toLibrary: text,
  vapp: flag,
  flag: z.exactOptional(z.array(z.string())),
  name: text,
  description: text,
  overwrite: flag,
});
export type ExportJobOptions = z.infer<typeof ExportJobOptions>;

const begun = {
  v: z.literal(1),
  id: z.string(),
  /** Milliseconds since 1970. */
  createdAt: z.number(),
  /** Names the session before its id is known. */
  clientToken: z.string(),
  sessionId: text,
  /** It was to end, and its target could not be told: its session is there still. Who goes on with it all the same may. */
  givenUp: flag,
};

/** An import that has begun: what it takes to go on with it in another process. */
export const ImportJob = z.strictObject({
  ...begun,
  kind: z.exactOptional(z.literal('import')),
  options: JobOptions,
  /** Changes with the package; empty when the target fetches it, or may yet. */
  fingerprint: z.string(),
  /** Chosen by `--if-exists`: the name to take, and the machine that gives it up. */
  name: text,
  replaces: z.exactOptional(z.strictObject({ kind: z.enum(['vm', 'vapp']), id: z.string() })),
  /** What was made: from here on only the session is left to be deleted. */
  outcome: z.exactOptional(z.strictObject({ vmId: text, vappId: text })),
});
export type ImportJob = z.infer<typeof ImportJob>;

/** An export that has begun. */
export const ExportJob = z.strictObject({
  ...begun,
  kind: z.literal('export'),
  options: ExportJobOptions,
  /** Of one whose session runs in the process itself: its way into the target, and what tells whether the machine started anew since. */
  own: z.exactOptional(z.strictObject({ via: z.enum(['library', 'lease']), library: text, boot: text })),
  /** Those that were begun on disk, and are not final yet. */
  files: z.exactOptional(z.array(z.string())),
  /** Everything is here, or the item made: from here on files only have to get their names, and the session to be deleted. */
  outcome: z.exactOptional(
    z.strictObject({
      files: z.exactOptional(z.array(z.strictObject({ name: z.string(), size: z.number() }))),
      libraryItemId: text,
    }),
  ),
});
export type ExportJob = z.infer<typeof ExportJob>;

/** What was begun and has not ended. */
export const Job = z.union([ImportJob, ExportJob]);
export type Job = z.infer<typeof Job>;
