import { type ExportInfo, type ImportInfo, SessionError, type SessionSummary } from '@ovfkit/domain';
import type { RestBackend } from '@ovfkit/rest';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { problemTexts } from '../import/problems.ts';
import { formatDuration, formatSize } from '../output/format.ts';
import { facts, table } from '../output/table.ts';
import type { TargetOptions } from '../target/resolve-target.ts';
import { withSessionsAt } from '../target/sessions-at.ts';
import { type OneSessionOptions, sessionAt } from './own-session.ts';

export interface SessionsOptions extends TargetOptions {
  readonly on: string;
  readonly json?: true | undefined;
}

interface ListedSession extends SessionSummary {
  readonly kind: 'import' | 'export';
}

async function listAll(
  { importSession, exportSession }: RestBackend,
  { label, signal }: { readonly label: string; readonly signal: AbortSignal },
): Promise<readonly ListedSession[]> {
  try {
    const [imports, exports] = await Promise.all([
      importSession.list({}, { signal }),
      exportSession.list({}, { signal }),
    ]);
    return [
      ...imports.map((session) => ({ kind: 'import' as const, ...session })),
      ...exports.map((session) => ({ kind: 'export' as const, ...session })),
    ].toSorted((a, b) => a.createdAt - b.createdAt);
  } catch (error) {
    if (!(error instanceof SessionError) || (error.kind !== 'UNSUPPORTED' && error.kind !== 'OPERATION_NOT_FOUND'))
      throw error;
    throw new CliError('targetRefused', `${label} cannot list sessions: vCenter's session API has no such call`, {
      hint: 'Use ovfkit sessions show ID or abort ID with the id that the import printed; ovfkitd lists sessions.',
      cause: error,
    });
  }
}

/** Lists the sessions of the user. */
export async function listSessions(context: Context, options: SessionsOptions): Promise<void> {
  const { output, signal } = context;
  await withSessionsAt(context, { target: options.on, options }, async (backend, { label }) => {
    const sessions = await listAll(backend, { label, signal });
    if (options.json) return output.json(sessions);
    if (sessions.length === 0) return output.line(`No sessions at ${label}.`);
    const rows = sessions.map(({ kind, id, state, progress, createdAt, expiresAt }) => [
      kind,
      id,
      state,
      `${progress} %`,
      `${formatDuration(Math.max(Date.now() - createdAt, 0))} ago`,
      `in ${formatDuration(Math.max(expiresAt - Date.now(), 0))}`,
    ]);
    const titles = ['Kind', 'Id', 'State', 'Progress', 'Created', 'Expires'].map((title) => ({ title }));
    for (const line of table(titles, { rows, style: output.style })) output.line(line);
  });
}

/** An import or an export. */
export type FoundSession =
  | { readonly kind: 'import'; readonly info: ImportInfo }
  | { readonly kind: 'export'; readonly info: ExportInfo };

/** An id does not say what it is an id of. @throws CliError when it is none */
export async function findSession(
  { importSession, exportSession }: RestBackend,
  { id, signal }: { readonly id: string; readonly signal: AbortSignal },
): Promise<FoundSession> {
  const ifFound = async <Info>(get: Promise<Info>): Promise<Info | undefined> => {
    try {
      return await get;
    } catch (error) {
      if (error instanceof SessionError && error.kind === 'NOT_FOUND') return undefined;
      throw error;
    }
  };
  const imported = await ifFound(importSession.get({ id }, { signal }));
  if (imported !== undefined) return { kind: 'import', info: imported };
  const exported = await ifFound(exportSession.get({ id }, { signal }));
  if (exported !== undefined) return { kind: 'export', info: exported };
  throw new CliError('targetRefused', `There is no session ${id}`, {
    hint: 'It may have ended, expired, or belong to another user; ovfkit sessions list shows what is there.',
  });
}

function sessionPage(
  { output: { style } }: Context,
  { id, found }: { id: string; found: FoundSession },
): readonly string[] {
  const { kind, info } = found;
  const entity = found.kind === 'import' ? (found.info.vmId ?? found.info.vappId) : undefined;
  const head = facts(
    [
      ['Session', id],
      ['Kind', kind],
      ['State', info.state],
      ['Progress', info.progress === undefined ? undefined : `${info.progress} %`],
      ['Created', entity],
    ],
    { style },
  );
  const rows = info.files.map(({ name, fileType, optionalUpload, bytesTransferred, size }) => [
    name,
    fileType,
    optionalUpload ? 'no' : 'yes',
    formatSize(bytesTransferred),
    size === undefined || size === 0 ? '?' : formatSize(size),
  ]);
  const columns = [
    { title: 'File' },
    { title: 'Type' },
    { title: 'Required' },
    { title: 'Moved', align: 'right' },
    { title: 'Size', align: 'right' },
  ] as const;
  return [
    ...head,
    ...(rows.length === 0 ? [] : ['', ...table(columns, { rows, style })]),
    ...info.errors.flatMap(problemTexts).map((text) => `${style('red', 'error:')} ${text}`),
    ...info.warnings.flatMap(problemTexts).map((text) => `${style('yellow', 'warning:')} ${text}`),
  ];
}

/** Upload and download addresses are capabilities: whoever has one needs no login. They are not shown. */
const withoutAddresses = ({ kind, info }: FoundSession) => ({
  kind,
  ...info,
  files: info.files.map(({ fileUrl, ...file }) => file),
});

/** Shows one session. */
export async function showSession(context: Context, options: OneSessionOptions): Promise<void> {
  const { output, signal } = context;
  const place = await sessionAt(context, { options, what: 'shown' });
  const { id } = place;
  await withSessionsAt(context, place, async (backend) => {
    const found = await findSession(backend, { id, signal });
    if (options.json) return output.json({ id, ...withoutAddresses(found) });
    for (const line of sessionPage(context, { id, found })) output.line(line);
  });
}
