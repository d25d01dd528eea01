import { readFile } from 'node:fs/promises';
import { request } from 'node:https';

interface Piece {
  /** Path of the server's certificate, PEM. */
  readonly certificate: string;
  /** Where `bytes` begin in the file. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * Appends a part of a file as a client of resumable uploads would, `Upload-Complete: ?0`. Resolves to the offset that the
 * server acknowledges.
 */
export async function append(url: string, { certificate, offset, bytes }: Piece): Promise<number> {
  const ca = await readFile(certificate);
  const headers = {
    'content-type': 'application/partial-upload',
    'content-length': bytes.length,
    'upload-offset': offset,
    'upload-complete': '?0',
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'PATCH', ca, headers }, (response) => {
      response.resume();
      response.on('error', reject);
      response.on('end', () => {
        if ((response.statusCode ?? 500) < 300) resolve(Number(response.headers['upload-offset']));
        else reject(new Error(`PATCH answered ${response.statusCode}`));
      });
    });
    sent.on('error', reject);
    sent.end(bytes);
  });
}
