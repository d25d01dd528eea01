import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { createVmdkCheck, type DiskReport } from '../vmdk-check.ts';

/** Looks at a disk while its bytes pass, compressed or not. */
export interface DiskProbe {
  push(bytes: Uint8Array): void | Promise<void>;
  /** undefined when the compressed data is damaged. */
  end(): Promise<DiskReport | undefined>;
}

/** The bytes are copied: the decoder reads them when it has time. */
function createGzipProbe(): DiskProbe {
  const check = createVmdkCheck();
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  gunzip.on('data', (bytes: Uint8Array) => check.push(bytes));
  let isDamaged = false;
  const done = finished(gunzip).catch(() => {
    isDamaged = true;
  });
  return {
    async push(bytes) {
      if (isDamaged) return;
      if (!gunzip.write(bytes.slice())) await Promise.race([once(gunzip, 'drain').catch(() => undefined), done]);
    },
    async end() {
      gunzip.end();
      await done;
      return isDamaged ? undefined : check.end();
    },
  };
}

/** A probe for a disk that is stored with `compression`; undefined when that is not supported. */
export function createDiskProbe(compression: string | undefined): DiskProbe | undefined {
  if (compression === 'gzip') return createGzipProbe();
  if (compression !== undefined) return undefined;
  const check = createVmdkCheck();
  return { push: (bytes) => check.push(bytes), end: async () => check.end() };
}
