import { runContract } from '@ovfkit/conformance';
import { expect, test } from 'vitest';
import { startContractService } from './support/contract-service.ts';

test('the service keeps every rule of the contract', async () => {
  const service = await startContractService();
  try {
    const outcomes = await runContract(service.target);
    expect(outcomes.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(outcomes.filter(({ status }) => status === 'passed').length).toBeGreaterThan(200);
  } finally {
    await service.close();
  }
}, 120_000);
