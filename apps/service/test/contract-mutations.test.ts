import { contractCases, runContract } from '@ovfkit/conformance';
import { expect, test } from 'vitest';
import { startContractService } from './support/contract-service.ts';
import { engineMutations } from './support/engine-mutations.ts';
import { libraryMutations } from './support/library-mutations.ts';
import { wireMutations } from './support/wire-mutations.ts';

/** The sections of some rules: their neighbours have to stay unbroken. */
const sectionsOf = (ids: readonly string[]): readonly string[] => [
  ...new Set(contractCases.filter(({ id }) => ids.includes(id)).map(({ section }) => section)),
];

const isWhole = process.env['MUTATIONS'] === 'whole';

// A suite that always passes proves nothing: each rule that is broken here has to be seen, and no other.
// MUTATIONS=whole looks at the whole contract each time, not only at the sections of the rules that are broken.
test.each([...engineMutations, ...wireMutations, ...libraryMutations])(
  'when $name, exactly the rules about it are seen broken',
  async ({ breaks, backend, wire = (send) => send }) => {
    const service = await startContractService({ change: backend });
    try {
      const { target } = service;
      const only = isWhole ? undefined : sectionsOf(breaks);
      const outcomes = await runContract({ ...target, send: wire(target.send), only, parallel: 8 });
      const broken = outcomes.filter(({ status }) => status === 'failed').map(({ id }) => id);
      expect(broken.toSorted()).toEqual(breaks.toSorted());
    } finally {
      await service.close();
    }
  },
  isWhole ? 600_000 : 120_000,
);
