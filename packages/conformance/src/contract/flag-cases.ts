import type { ContractCase } from './contract-case.ts';
import { isMessage } from './error-cases.ts';
import { type Exchange, expectError, expectThat, resultOf } from './exchange.ts';
import { field, listOf, textOf } from './json.ts';
import { element, services } from './sessions.ts';
import type { Stage } from './stage.ts';

function expectFlags(asked: Exchange, value: unknown, ...known: readonly string[]): void {
  const options = listOf(value).map((each) => textOf(field(each, 'option')));
  expectThat(asked, {
    [`${known.join(', ')} is among them`]: known.every((flag) => options.includes(flag)),
    'each has a LocalizableMessage as its description': listOf(value).every((each) =>
      isMessage(field(each, 'description')),
    ),
  });
}

const rp = (stage: Stage): string => `rp=${encodeURIComponent(stage.place.resourcePool)}`;

/** Sections 6.1 to 6.3: flags and capability. */
export const flagCases: readonly ContractCase[] = [
  {
    id: 'flags.export',
    section: '6.1',
    title: 'export_flag.list has PRESERVE_MAC and EXTRA_CONFIG, each described',
    needs: [],
    async run(stage) {
      const asked = await stage.get(`${services.ovf}/export-flag`);
      expectFlags(asked, resultOf(asked), 'PRESERVE_MAC', 'EXTRA_CONFIG');
    },
  },
  {
    id: 'flags.export.api',
    section: '6.1',
    title: 'export_flag.list is the same in /api',
    needs: ['api'],
    async run(stage) {
      const asked = await stage.get('/api/vcenter/ovf/export-flag');
      expectFlags(asked, asked.json, 'PRESERVE_MAC', 'EXTRA_CONFIG');
      const twin = resultOf(await stage.get(`${services.ovf}/export-flag`));
      expectThat(asked, { 'both dialects tell the same': JSON.stringify(twin) === JSON.stringify(asked.json) });
    },
  },
  {
    id: 'flags.import',
    section: '6.2',
    title: 'import_flag.list of a resource pool has LAX, described',
    needs: [],
    async run(stage) {
      const asked = await stage.get(`${services.ovf}/import-flag?${rp(stage)}`);
      expectFlags(asked, resultOf(asked), 'LAX');
    },
  },
  {
    id: 'flags.import.api',
    section: '6.2',
    title: 'import_flag.list is the same in /api',
    needs: ['api'],
    async run(stage) {
      const asked = await stage.get(`/api/vcenter/ovf/import-flag?${rp(stage)}`);
      expectFlags(asked, asked.json, 'LAX');
    },
  },
  {
    id: 'flags.import.unknown',
    section: '6.2',
    title: 'import_flag.list of an unknown resource pool is not found',
    needs: [],
    async run(stage) {
      expectError(await stage.get(`${services.ovf}/import-flag?rp=resgroup-of-nobody`), 'NOT_FOUND');
    },
  },
  {
    id: 'flags.import.absent',
    section: '6.2',
    title: 'import_flag.list without rp is an invalid argument',
    needs: [],
    async run(stage) {
      expectError(await stage.get(`${services.ovf}/import-flag`), 'INVALID_ARGUMENT');
    },
  },
  {
    id: 'capability.unknown',
    section: '6.3',
    title: 'capability.get of a GUID that is malformed or another server is an invalid argument',
    needs: ['sessions'],
    async run(stage) {
      const service = `${services.ovf}/capability`;
      expectError(await stage.get(element(service, 'no-guid')), 'INVALID_ARGUMENT');
      expectError(await stage.get(element(service, '00000000-0000-4000-8000-000000000000')), 'INVALID_ARGUMENT');
    },
  },
];
