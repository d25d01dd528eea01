import { contractCases, runContract } from '@ovfkit/conformance';
import { expect, test } from 'vitest';
import { startContractService } from './support/contract-service.ts';

const expiry = contractCases.filter(({ needs }) => needs.includes('expiry')).map(({ id }) => id);

test('the service keeps every rule of the contract', async () => {
  const service = await startContractService();
  try {
    const outcomes = await runContract(service.target);
    expect(outcomes.filter(({ status }) => status === 'failed')).toEqual([]);
    const others = outcomes.filter(({ status }) => status !== 'passed');
    expect(others.map(({ id, status }) => [id, status])).toEqual(expiry.map((id) => [id, 'notOffered']));
  } finally {
    await service.close();
  }
}, 240_000);

test('the service keeps the rules about sessions that nobody uses', async () => {
  const service = await startContractService({ sessionTimeoutMs: 6_000 });
  try {
    const outcomes = await runContract({ ...service.target, only: expiry });
    expect(outcomes.map(({ id, status }) => [id, status])).toEqual(expiry.map((id) => [id, 'passed']));
  } finally {
    await service.close();
  }
}, 120_000);
