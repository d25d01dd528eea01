import { type PackageReader, readAll, readManifest, siblingName } from '@ovfkit/package-format';
import { maxTextSize } from '@ovfkit/package-format/node';
import { peerCertificate } from '@ovfkit/rest';
import type { UrlOrigin } from '@ovfkit/vsphere';
import { CliError } from '../errors.ts';
import type { Report } from '../output/report.ts';
import type { PackageAddress } from '../source/http-package.ts';
import type { Connection } from '../target/connection.ts';
import type { ImportOptions } from './import-options.ts';

interface Offering {
  readonly connection: Pick<Connection, 'via'>;
  readonly options: Pick<ImportOptions, 'pull' | 'viaClient' | 'sourceThumbprint'>;
  readonly report: Report;
}

/** A package whose index is read here. */
interface Opened {
  readonly reader: PackageReader;
  /** Where it is for others; absent when it is on this machine only. */
  readonly at?: PackageAddress | undefined;
}

/**
 * Where a target without sessions may get a package itself; nothing when it is sent from here, which is told where it was not asked for.
 * @throws CliError when it cannot be got there and is to be
 */
export async function originOf(
  { connection, options, report }: Offering,
  { reader, at }: Opened,
): Promise<UrlOrigin | undefined> {
  if (connection.via === 'session' || at === undefined || options.viaClient) return undefined;
  const address = new URL('archive' in at ? at.archive : at.descriptor);
  const obstacle = await obstacleIn(reader, address);
  if (obstacle === undefined)
    return {
      kind: 'url',
      at,
      thumbprint: options.sourceThumbprint ?? (await peerCertificate(address))?.sha1,
      otherwise: options.pull ? 'fail' : 'send',
    };
  const text = `The target cannot fetch the package itself: ${obstacle}`;
  if (options.pull) throw new CliError('targetRefused', text, { hint: 'Leave --pull out: it is then sent from here.' });
  report.event({ type: 'information', message: `${text}. It is sent from here.` });
  return undefined;
}

/** What nobody has seen is known by its digest alone, and passwords are not handed on. */
async function obstacleIn(reader: PackageReader, { username }: URL): Promise<string | undefined> {
  if (username !== '') return 'its address has a password';
  const name = siblingName(reader.descriptorName, '.mf');
  if (!reader.members.some((member) => member.name === name)) return 'it has no manifest';
  const { entries } = readManifest(await readAll(reader.read(name), maxTextSize), { file: name });
  const listed = new Set(entries.filter(({ algorithm }) => algorithm === 'SHA256').map((entry) => entry.name));
  const own = new Set([name, siblingName(reader.descriptorName, '.cert')]);
  const missing = reader.members.find((member) => !own.has(member.name) && !listed.has(member.name));
  return missing === undefined ? undefined : `its manifest has no SHA-256 of ${missing.name}`;
}
