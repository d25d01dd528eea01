import type { Model } from './model.ts';
import { reference } from './sample-devices.ts';
import { addMachine } from './sample-vcenter.ts';

/** Adds machines beside those of the sample, in its folder and first pool. Tells how many of them were looked at since. */
export function addCrowd(model: Model, count: number): () => number {
  const seen = new Set<string>();
  for (let number = 0; number < count; number += 1) {
    const name = `other-${number}`;
    const { properties } = addMachine(model, {
      value: `vm-${10_000 + number}`,
      name,
      parent: reference('Folder', 'group-v3'),
      resourcePool: reference('ResourcePool', 'resgroup-11'),
    });
    for (const part of ['config', 'runtime']) {
      const told = properties[part];
      Object.defineProperty(properties, part, {
        enumerable: true,
        get() {
          seen.add(name);
          return told;
        },
      });
    }
  }
  return () => seen.size;
}
