import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../config.ts';
import { JobOptions } from './job.ts';
import { type Journal, openEntries } from './journal.ts';

const text = z.exactOptional(z.string());

/**
 * What sessions of this program's own process are about to leave at a target and on this machine, written down before they do: should
 * the process be killed, the next one finds it. A target's own sessions need none of it, for the target has them.
 */
export const Trace = z.strictObject({
  v: z.literal(1),
  id: z.string(),
  /** Milliseconds since 1970. */
  createdAt: z.number(),
  /** How to get to the target: as the command said it, without a password, and what it came to. */
  target: z.strictObject({ word: z.string(), url: z.string(), user: text, thumbprint: text, ca: text }),
  via: z.enum(['library', 'lease']),
  /** The content library that was asked for. */
  library: text,
  /** Temporary files of the process; those of an export that others can go on with go with its job. */
  folder: text,
  /** The job of an export. */
  exportJob: text,
  /** Of what was begun to be made at the target: imports, and prefixes of exports. */
  keys: z.array(z.string()),
  /** The import that the command was, what it was told, and the package it had. */
  job: z.exactOptional(z.strictObject({ id: z.string(), fingerprint: z.string(), options: JobOptions })),
});
export type Trace = z.infer<typeof Trace>;

/** Those of every process of this machine's user. */
export type Traces = Journal<Trace>;

export const openTraces = ({ jobs }: Pick<Config, 'jobs'>): Traces => openEntries(join(jobs, 'traces'), Trace);
