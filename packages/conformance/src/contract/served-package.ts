import { type SamplePackage, sampleOva } from '../sample-package.ts';
import type { FileHost } from './file-host.ts';
import type { Stage } from './stage.ts';

/** A package on the suite's server, in a folder of its own name. `path` is that of its files without what follows the dot. */
export function served(stage: Stage, sample: SamplePackage): { readonly host: FileHost; readonly path: string } {
  const { host } = stage;
  if (host === undefined) throw new Error('a case about pulls runs without a server to pull from');
  const archive = { name: `${sample.name}.ova`, bytes: sampleOva(sample) };
  host.put(sample.name, [sample.descriptor, sample.disk, sample.manifest, ...sample.bundles, archive]);
  return { host, path: `${sample.name}/${sample.name}` };
}
