import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { oneLine } from '../output/format.ts';
import { table } from '../output/table.ts';
import { type Hop, type HopReport, type SeenCertificate, walkHops } from '../target/hops.ts';
import { resolveTarget, type Target, type TargetOptions } from '../target/resolve-target.ts';

export interface TestTargetOptions extends TargetOptions {
  readonly target: string;
  readonly json?: true | undefined;
}

/** What to type to trust what was seen, once it was compared with what the server's owner says. */
function pinCommand({ label, url, user }: Target, { sha256 }: SeenCertificate): string {
  const own = user === undefined ? '' : ` --user ${user}`;
  return label === url
    ? `ovfkit target add NAME ${url}${own} --thumbprint ${sha256}`
    : `ovfkit target add ${label} ${url}${own} --thumbprint ${sha256}`;
}

function printReport({ output }: Context, { hops }: HopReport): void {
  const { style } = output;
  const marks = { ok: 'ok', failed: 'failed', warning: 'warning', absent: 'none', unknown: '-' } as const;
  const rows = hops.map(({ name, status, detail, ms }) => [
    name,
    marks[status],
    status === 'unknown' ? '' : `${ms} ms`,
    detail,
  ]);
  const columns = [
    { title: 'Hop' },
    { title: 'Result' },
    { title: 'Time', align: 'right' },
    { title: 'Detail' },
  ] as const;
  for (const line of table(columns, { rows, style })) output.line(line);
  for (const [hint, names] of hintsOf(hops)) output.line(`next (${names.join(', ')}): ${hint}`);
}

/** What to do about warnings, each said once; that of a failure is told with the error. */
function hintsOf(hops: readonly Hop[]): ReadonlyMap<string, readonly string[]> {
  const hints = new Map<string, readonly string[]>();
  for (const { name, status, hint } of hops)
    if (status === 'warning' && hint !== undefined) hints.set(hint, [...(hints.get(hint) ?? []), name]);
  return hints;
}

function printCertificate(
  { output }: Context,
  { certificate, target }: { certificate: SeenCertificate; target: Target },
): void {
  output.line();
  output.line(`The server showed: ${oneLine(certificate.subject)}, valid to ${certificate.validTo}`);
  output.line(`  SHA-256  ${certificate.sha256}`);
  output.line(`  SHA-1    ${certificate.sha1}`);
  output.line('Compare a thumbprint with what the server itself says. If it is the same, pin it:');
  output.line(`  ${pinCommand(target, certificate)}`);
}

/** Tries a target hop by hop. @throws CliError naming the first hop that failed */
export async function testTarget(context: Context, options: TestTargetOptions): Promise<void> {
  const { config, output, signal } = context;
  const target = await resolveTarget(options.target, { config, options });
  const report = await walkHops(target, signal);
  const failed = report.hops.find(({ status }) => status === 'failed');
  const isTrust = failed?.name === 'trust';
  if (options.json) output.json({ target: target.label, url: target.url, ...report });
  else printReport(context, report);
  if (isTrust && !options.json && report.certificate !== undefined)
    printCertificate(context, { certificate: report.certificate, target });
  if (failed === undefined) return;
  const classes = { 2: 'usage', 5: 'targetRefused', 6: 'network', 7: 'timedOut' } as const;
  const exitClass = Object.entries(classes).find(([code]) => Number(code) === failed.exitCode)?.[1] ?? 'network';
  throw new CliError(exitClass, `${target.label} failed at: ${failed.name}. ${failed.detail}`, { hint: failed.hint });
}
