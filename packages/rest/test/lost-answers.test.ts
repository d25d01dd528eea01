import { placeIn } from '@ovfkit/conformance';
import { operationRoutes } from '@ovfkit/domain/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Loss, loseAnswersOf } from './support/answer-loser.ts';
import { connect } from './support/backend.ts';
import { libraryScenarios } from './support/library-scenarios.ts';
import type { Stage } from './support/lost-stage.ts';
import { sessionScenarios } from './support/session-scenarios.ts';
import { startWholeService, type WholeService } from './support/whole-service.ts';

let service: WholeService;
beforeAll(async () => {
  service = await startWholeService();
});
afterAll(() => service.close());

const scenarios = { ...sessionScenarios, ...libraryScenarios };

describe.each<Loss>(['broken connection', '503 in its place'])('after an answer that got lost: %s', (loss) => {
  test.each(Object.entries(scenarios))('%s came to the same as one call', async (_, play) => {
    const backend = await connect(service.url);
    const loser = await loseAnswersOf(service.url);
    const disturbed = await connect(loser.url);
    const { placement } = await placeIn(backend.inventory);
    const losing: Stage['losing'] = async (call) => {
      const before = loser.lost();
      loser.lose(loss);
      try {
        return await call(disturbed);
      } finally {
        expect(loser.lost()).toBe(before + 1);
      }
    };
    await play({ backend, resourcePool: placement.resourcePool, losing });
  });
});

/** They change nothing, so they may be called as often as one likes. */
const readers = ['tryInstantiate', 'preview', 'probe', 'filter', 'find', 'get', 'validate', 'list'];
/** No client of ours calls it: the same as `createForResourcePool`. */
const aliases = ['importSession.createForResourcePoolInBody'];
/** A vApp is started and deleted as a machine is, by the same verbs. */
const twins = ['vapp.start', 'vapp.delete'];

test('every operation that changes something has its scenario', () => {
  const operations = Object.entries(operationRoutes).flatMap(([service, routes]) =>
    Object.entries(routes).flatMap(([operation, { method }]) =>
      method === 'GET' || readers.includes(operation) ? [] : [`${service}.${operation}`],
    ),
  );
  expect([...Object.keys(scenarios), ...aliases, ...twins].toSorted()).toEqual(operations.toSorted());
});
