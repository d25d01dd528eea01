import { type Judgement, type NewEntity, type Remark, SessionError } from '@ovfkit/domain';
import { quoted, refusedCall } from '../vim/ovf-remark.ts';
import type { AskedSpec, AskParts, AskSpec } from './asked-spec.ts';
import { editImportSpec } from './import-spec.ts';
import { leaseRefusals } from './lease-refusals.ts';
import { untakenFileTexts } from './uploads.ts';
import { poolRef } from './whereabouts.ts';

export interface JudgeParts extends Pick<AskParts, 'places'> {
  readonly ask: AskSpec;
  /** Which way machines are made: vCenter's own deployments do more than a lease. */
  readonly way: 'lease' | 'library';
}

/** What the server says of a request, and what a lease could not do for it; makes nothing. @throws SessionError when it cannot be asked */
export async function judgeEntity(parts: JudgeParts, request: NewEntity, signal: AbortSignal): Promise<Judgement> {
  const isLeased = parts.way === 'lease';
  const own = isLeased ? leaseRefusals(request.entity) : [];
  try {
    const asked = await parts.ask({
      request,
      pool: await poolRef(parts.places, { entity: request.entity, signal }),
      signal,
    });
    const { errors, warnings, files } = asked.answer;
    const untaken = isLeased && errors.length === 0 ? untakenFileTexts({ request, items: files }) : [];
    return {
      errors: [...own, ...errors.map(quoted), ...(isLeased ? editRefusals(asked, request) : [])],
      warnings: [...warnings.map(quoted), ...untaken.map((text): Remark => ({ about: 'package', text }))],
    };
  } catch (error) {
    signal.throwIfAborted();
    const refusal = refusedCall(error) ?? ownRefusal(error);
    if (refusal === undefined) throw error;
    return { errors: [...own, refusal], warnings: [] };
  }
}

function editRefusals({ answer: { spec }, datastores }: AskedSpec, request: NewEntity): readonly Remark[] {
  if (spec === undefined) return [];
  try {
    editImportSpec(spec, { ...request, datastores });
    return [];
  } catch (error) {
    const refusal = ownRefusal(error);
    if (refusal === undefined) throw error;
    return [refusal];
  }
}

/** What is refused here, without the server. */
function ownRefusal(error: unknown): Remark | undefined {
  if (!(error instanceof SessionError)) return undefined;
  if (error.kind === 'NOT_FOUND') return { about: 'place', text: error.message };
  return error.kind === 'UNSUPPORTED' ? { about: 'package', text: error.message } : undefined;
}
