import { type BlobStore, type Judgement, type NewEntity, type Remark, SessionError } from '@ovfkit/domain';
import type { UrlOrigin } from '../origin.ts';
import { quoted, refusedCall } from '../vim/ovf-remark.ts';
import { type AskedSpec, type AskParts, type AskSpec, bundlesOf } from './asked-spec.ts';
import { editImportSpec } from './import-spec.ts';
import { leaseRefusals } from './lease-refusals.ts';
import { fetchable } from './pull-uploads.ts';
import { ownFiles, unknownFileTexts, untakenFileTexts } from './uploads.ts';
import { poolRef } from './whereabouts.ts';

export interface JudgeParts extends Pick<AskParts, 'places'> {
  readonly ask: AskSpec;
  readonly blobs: Pick<BlobStore, 'read'>;
  /** Which way machines are made: vCenter's own deployments do more than a lease. */
  readonly way: 'lease' | 'library';
  /** Where the hosts may get the package themselves. */
  readonly origin?: UrlOrigin | undefined;
}

/** What the server says of a request, and what a lease could not do for it; makes nothing. @throws SessionError when it cannot be asked */
export async function judgeEntity(parts: JudgeParts, request: NewEntity, signal: AbortSignal): Promise<Judgement> {
  const { entity } = request;
  const isLeased = parts.way === 'lease';
  const own = isLeased ? [...leaseRefusals(entity), ...aboutPackage(pullObstacles(parts, request))] : [];
  try {
    const pool = await poolRef(parts.places, { entity, signal });
    // a lease is then asked for in the same words; what the library deploys it may have fetched itself
    const bundles = isLeased ? await bundlesOf(parts.blobs, request) : new Map();
    const asked = await parts.ask({ request, pool, bundles, signal });
    const { errors, warnings } = asked.answer;
    const ofLease = isLeased ? judgeLease(asked, request) : { errors: [], warnings: [] };
    return {
      errors: [...own, ...errors.map(quoted), ...ofLease.errors],
      warnings: [...warnings.map(quoted), ...ofLease.warnings],
    };
  } catch (error) {
    signal.throwIfAborted();
    const refusal = refusedCall(error) ?? ownRefusal(error);
    if (refusal === undefined) throw error;
    return { errors: [...own, refusal], warnings: [] };
  }
}

const aboutPackage = (texts: readonly string[]): readonly Remark[] => texts.map((text) => ({ about: 'package', text }));

/** Of files that hosts are to fetch, and nobody sends. */
function pullObstacles({ origin }: JudgeParts, request: NewEntity): readonly string[] {
  if (origin?.otherwise !== 'fail') return [];
  const found = ownFiles(request).map((file) => fetchable(file, origin));
  return found.flatMap((each) => ('obstacle' in each ? [each.obstacle] : []));
}

/** What would go wrong with the answer of the server. */
function judgeLease(asked: AskedSpec, request: NewEntity): Judgement {
  const { errors, files: items } = asked.answer;
  const edit = editRefusals(asked, request);
  if (errors.length > 0) return { errors: edit, warnings: [] }; // without a whole spec files mean nothing
  return {
    errors: [...edit, ...aboutPackage(unknownFileTexts({ request, items }))],
    warnings: aboutPackage(untakenFileTexts({ request, items })),
  };
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
