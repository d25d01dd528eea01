import { connect } from 'node:net';
import { ContractBreach, type ContractOutcome, casesOf, runContract } from '@ovfkit/conformance';
import { createWireClient } from '@ovfkit/rest';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { conformancePage } from '../output/conformance-page.ts';
import { formatCount } from '../output/format.ts';
import type { Report } from '../output/report.ts';
import { reported } from '../output/reported.ts';
import { withTarget } from '../target/connect.ts';
import { credentialsOf, resolveTarget, type Target, type TargetOptions } from '../target/resolve-target.ts';
import { version } from '../version.ts';

export interface ConformanceOptions extends TargetOptions {
  readonly to: string;
  readonly only?: readonly string[] | undefined;
  /** Name or URL of the target with another user. */
  readonly reader?: string | undefined;
  readonly sessionTimeout?: string | undefined;
  /** False: no pulls. That of the connection when absent. */
  readonly pullAddress?: string | false | undefined;
  readonly json?: true | undefined;
}

interface Job {
  readonly options: ConformanceOptions;
  readonly target: Target;
  readonly report: Report;
}

/** The address that connections to a URL come from: the target can most likely reach it. */
function addressTowards(url: string): Promise<string | undefined> {
  const { hostname, port, protocol } = new URL(url);
  const socket = connect({
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
  });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => {
      resolve(socket.localAddress);
      socket.destroy();
    });
  });
}

/** @throws CliError when the second target is another server */
async function readerOf({ config }: Context, { options, target }: Job) {
  if (options.reader === undefined) return undefined;
  const reader = await resolveTarget(options.reader, { config, options: {} });
  if (reader.url === target.url) return credentialsOf(reader);
  throw new CliError('usage', `${reader.label} is at ${reader.url}, and ${target.label} at ${target.url}`, {
    hint: 'Give the same URL with another user: ovfkit target add NAME URL --user USER.',
  });
}

/** @throws CliError when it is no number above 0 */
function timeoutOf(seconds: string | undefined): number | undefined {
  if (seconds === undefined) return undefined;
  const value = Number(seconds);
  if (Number.isFinite(value) && value > 0) return value * 1000;
  throw new CliError('usage', `${JSON.stringify(seconds)} is not a number of seconds`);
}

function tellTo({ report, options }: Job): (outcome: ContractOutcome) => void {
  const total = casesOf(options.only).length;
  let done = 0;
  return (outcome) => {
    done += 1;
    report.event({ type: 'case', done, total, ...outcome });
  };
}

async function check(context: Context, job: Job): Promise<readonly ContractOutcome[]> {
  const { options, target } = job;
  const { url, thumbprint, ca } = target;
  const { pullAddress } = options;
  const client = createWireClient({ url, thumbprint, ca, userAgent: `ovfkit/${version}` });
  try {
    return await runContract({
      baseUrl: url,
      send: client.send,
      ...credentialsOf(target),
      reader: await readerOf(context, job),
      pullAddress: pullAddress === false ? undefined : (pullAddress ?? (await addressTowards(url))),
      sessionTimeoutMs: timeoutOf(options.sessionTimeout),
      only: options.only,
      signal: context.signal,
      onOutcome: tellTo(job),
    });
  } catch (error) {
    if (!(error instanceof ContractBreach)) throw error;
    const details = [`expected  ${error.expected}`, `got       ${error.got}`];
    throw new CliError('targetRefused', `${target.label} cannot be tried: ${error.request}`, { details });
  } finally {
    await client.close();
  }
}

const count = (outcomes: readonly ContractOutcome[], status: ContractOutcome['status']): number =>
  outcomes.filter((each) => each.status === status).length;

/** Tries the session API of a target. @throws CliError when a rule is broken, or `only` is none */
export async function conformance(context: Context, options: ConformanceOptions): Promise<void> {
  const { output } = context;
  const none = options.only?.find((each) => casesOf([each]).length === 0);
  if (none !== undefined)
    throw new CliError('usage', `There is no rule ${JSON.stringify(none)}`, {
      hint: 'Give a section such as 3.5, or a name such as import.progress; --json tells all names.',
    });
  const print = (outcomes: readonly ContractOutcome[]): void => {
    for (const line of conformancePage(outcomes, output)) output.line(line);
  };
  await reported(context, {
    json: options.json,
    run: (report) =>
      withTarget(context, { target: options.to, options }, async (_, target) => {
        const outcomes = await check(context, { options, target, report });
        const failed = count(outcomes, 'failed');
        if (failed === 0) return outcomes;
        report.close();
        if (!options.json) print(outcomes);
        throw new CliError(
          'verificationFailed',
          `${target.label} breaks ${formatCount(failed, 'rule')} of the contract`,
        );
      }),
    resultLine: (outcomes) => ({ passed: count(outcomes, 'passed'), notOffered: count(outcomes, 'notOffered') }),
    print,
  });
}
