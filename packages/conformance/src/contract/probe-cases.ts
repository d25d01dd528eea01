import type { ContractCase } from './contract-case.ts';
import { expectError, expectThat, resultOf } from './exchange.ts';
import { field, listOf, textOf } from './json.ts';
import { served } from './served-package.ts';
import { services } from './sessions.ts';
import type { Stage } from './stage.ts';

const needs = ['sessions', 'pull'] as const;

const probe = (stage: Stage, body: unknown) => stage.post(`${services.import}?~action=probe`, body);

/** Section 3.8: probe, with the statuses of 8.2 as they come about. */
export const probeCases: readonly ContractCase[] = [
  {
    id: 'import.probe.success',
    section: '3.8',
    title: 'probe of a source that can be read answers SUCCESS, without error_messages',
    needs,
    async run(stage) {
      const { host, path } = served(stage, stage.newPackage());
      const asked = await probe(stage, { uri: `${host.url}/${path}.ovf` });
      const value = resultOf(asked);
      expectThat(asked, {
        'status is SUCCESS': field(value, 'status') === 'SUCCESS',
        'there are no error_messages': listOf(field(value, 'error_messages')).length === 0,
      });
    },
  },
  {
    id: 'import.probe.certificate',
    section: '3.8',
    title: 'probe without a thumbprint tells the one of a certificate nobody trusts, with CERTIFICATE_ERROR',
    needs,
    async run(stage) {
      const { host, path } = served(stage, stage.newPackage());
      const uri = `${host.secureUrl}/${path}.ovf`;
      const asked = await probe(stage, { uri });
      const told = textOf(field(resultOf(asked), 'ssl_thumbprint'));
      expectThat(asked, {
        'status is CERTIFICATE_ERROR': field(resultOf(asked), 'status') === 'CERTIFICATE_ERROR',
        'ssl_thumbprint is SHA-1 of the certificate':
          told.replaceAll(':', '').toUpperCase() === host.thumbprint.replaceAll(':', ''),
        'error_messages says why': listOf(field(resultOf(asked), 'error_messages')).length > 0,
      });
      const pinned = await probe(stage, { uri, ssl_certificate_thumbprint: told });
      expectThat(pinned, { 'with it the status is SUCCESS': field(resultOf(pinned), 'status') === 'SUCCESS' });
    },
  },
  {
    id: 'import.probe.certificate-other',
    section: '3.8',
    title: 'probe with a thumbprint that does not match answers CERTIFICATE_ERROR and the right one',
    needs,
    async run(stage) {
      const { host, path } = served(stage, stage.newPackage());
      const uri = `${host.secureUrl}/${path}.ovf`;
      const asked = await probe(stage, { uri, ssl_certificate_thumbprint: '00'.repeat(20) });
      const told = textOf(field(resultOf(asked), 'ssl_thumbprint'))
        .replaceAll(':', '')
        .toUpperCase();
      expectThat(asked, {
        'status is CERTIFICATE_ERROR': field(resultOf(asked), 'status') === 'CERTIFICATE_ERROR',
        'ssl_thumbprint is the right one': told === host.thumbprint.replaceAll(':', ''),
      });
    },
  },
  ...[
    {
      id: 'host',
      title: 'a host that has no address',
      uri: 'http://conformance.invalid/a.ovf',
      statuses: ['HOST_NOT_FOUND'],
    },
    { id: 'url', title: 'what is no URL', uri: 'no url at all', statuses: ['INVALID_URL'] },
    { id: 'scheme', title: 'a URL of another scheme', uri: 'ftp://files.invalid/a.ovf', statuses: ['INVALID_URL'] },
  ].map(
    ({ id, title, uri, statuses }): ContractCase => ({
      id: `import.probe.${id}`,
      section: '3.8',
      title: `probe of ${title} answers ${statuses.join(' or ')} and why, with the status 200`,
      needs: ['sessions'],
      async run(stage) {
        const asked = await probe(stage, { uri });
        const value = resultOf(asked);
        expectThat(asked, {
          [`status is ${statuses.join(' or ')}`]: statuses.includes(textOf(field(value, 'status'))),
          'error_messages says why': listOf(field(value, 'error_messages')).length > 0,
        });
      },
    }),
  ),
  {
    id: 'import.probe.missing',
    section: '3.8',
    title: 'probe of a file that the source does not have is no SUCCESS',
    needs,
    async run(stage) {
      const asked = await probe(stage, { uri: `${stage.host?.url}/${stage.newName()}/a.ovf` });
      const status = textOf(field(resultOf(asked), 'status'));
      expectThat(asked, {
        'status is UNKNOWN_ERROR or INVALID_URL': ['UNKNOWN_ERROR', 'INVALID_URL'].includes(status),
      });
    },
  },
  {
    id: 'import.probe.no-uri',
    section: '3.8',
    title: 'probe without uri is an invalid argument',
    needs: ['sessions'],
    async run(stage) {
      expectError(await probe(stage, {}), 'INVALID_ARGUMENT');
    },
  },
];
