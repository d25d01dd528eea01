import type { OvfMessage, Remark } from '@ovfkit/domain';
import { remarkSubjectOf } from '@ovfkit/domain';
import { exitCodes } from '../errors.ts';
import { remarkHints } from '../failure/remark-hints.ts';
import { oneLine } from '../output/format.ts';
import type { PlanProblem } from './notes.ts';

/** What a target says of a package before it makes anything. The same remark is the same problem, whichever way it came. */
export const remarkProblem = (severity: PlanProblem['severity'], { about, text }: Remark): PlanProblem => ({
  check: about,
  severity,
  exitCode: severity === 'error' ? exitCodes.targetRefused : exitCodes.ok,
  message: oneLine(text),
  details: [],
  ...(severity === 'error' ? { hint: remarkHints.get(about) } : {}),
});

/** The remark that an error or a warning of a session is; nothing for those that are the session's own. */
export function remarkIn({ issues }: OvfMessage): Remark | undefined {
  const [first] = issues ?? [];
  const about = first && remarkSubjectOf(first.message);
  return about && { about, text: first.message.localized ?? first.message.defaultMessage };
}
