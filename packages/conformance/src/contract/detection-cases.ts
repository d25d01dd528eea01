import { setTimeout as sleep } from 'node:timers/promises';
import type { ContractCase } from './contract-case.ts';
import { expectError, expectNothing, expectThat, kindOf } from './exchange.ts';
import { createImport, element, importInfo, services, transferring, unknownId } from './sessions.ts';

const needs = ['sessions'] as const;

/** Beyond the idle time, for what the target needs to notice. */
const graceMs = 250;

const detectCases: readonly ContractCase[] = [
  {
    id: 'detection.preview',
    section: '13',
    title: 'preview of a tiny descriptor answers 200, or 400 invalid_argument: the sign that the services are there',
    needs,
    async run(stage) {
      const body = { ovf_descriptor: '<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"/>' };
      const asked = await stage.post(`${services.import}?~action=preview`, body);
      const isPresent = asked.status === 200 || (asked.status === 400 && kindOf(asked) === 'INVALID_ARGUMENT');
      expectThat(asked, { '200, or 400 invalid_argument': isPresent });
    },
  },
  {
    id: 'detection.expired',
    section: '13',
    title: 'an unknown id is not_found, with a body that says so, and never operation_not_found',
    needs,
    async run(stage) {
      for (const service of [services.import, services.export, services.probe])
        expectError(await stage.get(element(service, unknownId)), 'NOT_FOUND');
    },
  },
  {
    id: 'detection.missing',
    section: '13',
    title: 'an operation that is not served is operation_not_found also on a collection',
    needs,
    async run(stage) {
      expectError(await stage.post(`${services.import}?~action=fly`, {}), 'OPERATION_NOT_FOUND');
    },
  },
];

const expiryCases: readonly ContractCase[] = [
  {
    id: 'expiry.idle',
    section: '12.2',
    title: 'a session that nobody uses is forgotten: every operation is not found, but delete succeeds',
    needs: ['sessions', 'expiry'],
    async run(stage) {
      const id = await createImport(stage);
      await sleep((stage.sessionTimeoutMs ?? 0) + graceMs);
      expectError(await stage.get(element(services.import, id)), 'NOT_FOUND');
      expectError(await stage.post(element(services.import, id, 'progress'), { percent: 1 }), 'NOT_FOUND');
      expectNothing(await stage.remove(element(services.import, id)));
    },
  },
  {
    id: 'expiry.progress',
    section: '12.2',
    title: 'progress keeps a session alive beyond the idle time',
    needs: ['sessions', 'expiry'],
    async run(stage) {
      const id = await transferring(stage, stage.newPackage());
      const path = element(services.import, id, 'progress');
      for (let turn = 0; turn < 6; turn += 1) {
        await sleep((stage.sessionTimeoutMs ?? 0) / 4);
        expectNothing(await stage.post(path, { percent: 10 }));
      }
      const { exchange, state } = await importInfo(stage, id);
      expectThat(exchange, { 'it is still there': state === 'IMPORT_FILE_TRANSFER' });
    },
  },
];

/** Sections 12.2 and 13: expiry, and finding out whether the services are there. */
export const detectionCases: readonly ContractCase[] = [...expiryCases, ...detectCases];
