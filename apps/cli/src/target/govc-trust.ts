import { readFile } from 'node:fs/promises';
import { peerCertificate } from '@ovfkit/rest';
import type { Govc } from './govc.ts';

/**
 * The thumbprint that the server has to show: the one its user knows, or with GOVC_INSECURE the one it shows now, so that it is at
 * least the same server for the whole command. Nothing when neither is said.
 */
export async function govcThumbprint({ url, trust, knownHosts }: Govc): Promise<string | undefined> {
  const { host, port } = new URL(url);
  const names = [host, `${host}:${port === '' ? 443 : port}`];
  for (const path of knownHosts) {
    // a file that is not there knows nobody, as with govc
    const text = await readFile(path, 'utf8').catch(() => '');
    const [, known] =
      text
        .split('\n')
        .flatMap(lineOf)
        .find(([name]) => names.includes(name)) ?? [];
    if (known !== undefined) return known;
  }
  return trust === 'any' ? (await peerCertificate(new URL(url)))?.sha256 : undefined;
}

// vcenter.lab.local:443 5F:A2:10:9C:…
function lineOf(line: string): readonly (readonly [string, string])[] {
  const [name = '', thumbprint = ''] = line.trim().split(/\s+/);
  return name === '' || thumbprint === '' || name.startsWith('#') ? [] : [[name, thumbprint]];
}
