import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { createVmdkCheck, type DiskReport } from '../vmdk-check.ts';
import { createGrainCheck } from './grain-check.ts';

/** `grains`: every grain is inflated, too; `structure`: grains are skipped. */
export type DiskDepth = 'structure' | 'grains';

/** Looks at a disk while its bytes pass, compressed or not. */
export interface DiskProbe {
  /** A promise when the next bytes have to wait for it. */
  push(bytes: Uint8Array): Promise<void> | undefined;
  /** undefined when the compressed data is damaged. */
  end(): Promise<DiskReport | undefined>;
}

function createPlainProbe(depth: DiskDepth) {
  const grains = depth === 'grains' ? createGrainCheck() : undefined;
  const check = createVmdkCheck({ onGrain: grains?.add });
  return {
    push(bytes: Uint8Array): Promise<void> | undefined {
      check.push(bytes);
      return grains?.room();
    },
    async end(): Promise<DiskReport> {
      const report = check.end();
      return grains === undefined ? report : { ...report, problems: [...report.problems, ...(await grains.end())] };
    },
  };
}

/** The bytes are copied: the decoder reads them when it has time. */
function createGzipProbe(depth: DiskDepth): DiskProbe {
  const plain = createPlainProbe(depth);
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  gunzip.on('data', (bytes: Uint8Array) => {
    const busy = plain.push(bytes);
    if (busy === undefined) return;
    gunzip.pause();
    void busy.then(() => gunzip.resume());
  });
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
      return isDamaged ? undefined : plain.end();
    },
  };
}

/** A probe for a disk that is stored with `compression`; undefined when that is not supported. */
export function createDiskProbe({
  compression,
  depth,
}: {
  readonly compression: string | undefined;
  readonly depth: DiskDepth;
}): DiskProbe | undefined {
  if (compression === 'gzip') return createGzipProbe(depth);
  return compression === undefined ? createPlainProbe(depth) : undefined;
}
