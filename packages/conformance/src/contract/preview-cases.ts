import { deflateRawSync, gzipSync } from 'node:zlib';
import type { ContractCase } from './contract-case.ts';
import { type Exchange, expectError, expectThat, resultOf } from './exchange.ts';
import { field, listOf, textOf } from './json.ts';
import { services } from './sessions.ts';
import type { Stage } from './stage.ts';

const section = '3.7';
const needs = ['sessions'] as const;

const preview = (stage: Stage, descriptor: unknown): Promise<Exchange> =>
  stage.post(`${services.import}?~action=preview`, { ovf_descriptor: descriptor });

const textOfSample = (stage: Stage): { readonly text: string; readonly disk: string } => {
  const { descriptor, disk } = stage.newPackage();
  return { text: new TextDecoder().decode(descriptor.bytes), disk: disk.name };
};

/** Forms of one descriptor that are all understood. */
const forms = [
  { id: 'plain', title: 'as plain text', write: (text: string) => text },
  {
    id: 'bom',
    title: 'as plain text behind a byte order mark and blanks',
    write: (text: string) => `\uFEFF \n${text.replace(/^<\?.*\?>\s*/, '')}`,
  },
  { id: 'gzip', title: 'compressed with gzip, in base64', write: (text: string) => gzipSync(text).toString('base64') },
];

/** What is no descriptor in any form. */
const nothings = [
  {
    id: 'base64',
    title: 'base64 of a text that is not compressed',
    write: (text: string) => Buffer.from(text).toString('base64'),
  },
  {
    id: 'deflate',
    title: 'a descriptor compressed in another way than gzip',
    write: (text: string) => deflateRawSync(text).toString('base64'),
  },
  { id: 'garbage', title: 'text that is neither XML nor base64', write: () => 'not a descriptor at all' },
  { id: 'empty', title: 'an empty text', write: () => '' },
];

/** Section 3.7: preview. */
export const previewCases: readonly ContractCase[] = [
  ...forms.map(
    ({ id, title, write }): ContractCase => ({
      id: `import.preview.${id}`,
      section,
      title: `preview takes a descriptor ${title}, and lists the files it needs`,
      needs,
      async run(stage) {
        const { text, disk } = textOfSample(stage);
        const asked = await preview(stage, write(text));
        const value = resultOf(asked);
        const lists = ['files', 'errors', 'warnings', 'information'].map((name) => field(value, name));
        const names = listOf(field(value, 'files')).map((each) => textOf(field(each, 'name')));
        expectThat(asked, {
          'files, errors, warnings and information are lists': lists.every(Array.isArray),
          'the disk is among the files': names.includes(disk),
          'there is no error': listOf(field(value, 'errors')).length === 0,
        });
      },
    }),
  ),
  ...nothings.map(
    ({ id, title, write }): ContractCase => ({
      id: `import.preview.${id}`,
      section,
      title: `preview of ${title} is an invalid argument`,
      needs,
      async run(stage) {
        expectError(await preview(stage, write(textOfSample(stage).text)), 'INVALID_ARGUMENT');
      },
    }),
  ),
  {
    id: 'import.preview.absent',
    section,
    title: 'preview without ovf_descriptor is an invalid argument',
    needs,
    async run(stage) {
      expectError(await preview(stage, undefined), 'INVALID_ARGUMENT');
    },
  },
  {
    id: 'import.preview.not-xml',
    section,
    title: 'preview of broken XML is an invalid argument',
    needs,
    async run(stage) {
      expectError(await preview(stage, '<Envelope><broken'), 'INVALID_ARGUMENT');
    },
  },
];
