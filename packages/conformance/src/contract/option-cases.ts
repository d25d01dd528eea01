import type { SampleFile } from '../sample-archive.ts';
import type { ContractCase } from './contract-case.ts';
import { expectThat } from './exchange.ts';
import {
  createImport,
  type FileEntry,
  importInfo,
  instantiate,
  parametersOf,
  params,
  reachImport,
  upload,
  uploadDescriptor,
  valueless,
} from './sessions.ts';
import type { Stage } from './stage.ts';

const section = '11.1';
const needs = ['sessions'] as const;

/** A sample with a second disk that only the option `large` has. */
function twoDisks(stage: Stage) {
  const { name, descriptor, disk } = stage.newPackage();
  const second: SampleFile = { name: `${name}-disk2.vmdk`, bytes: disk.bytes };
  const text = new TextDecoder()
    .decode(descriptor.bytes)
    .replace('</References>', `<File ovf:id="file2" ovf:href="${second.name}" ovf:size="${disk.bytes.length}"/>$&`)
    .replace(
      /<Disk ovf:diskId="disk1"[^>]*>/,
      (each) => each + each.replace('disk1', 'disk2').replace('file1', 'file2'),
    )
    .replace('</VirtualHardwareSection>', `${secondDisk}$&`);
  return { name, disk, second, descriptor: new TextEncoder().encode(text) };
}

const secondDisk = `<Item ovf:configuration="large">
        <rasd:AddressOnParent>1</rasd:AddressOnParent>
        <rasd:ElementName>Hard disk 2</rasd:ElementName>
        <rasd:HostResource>ovf:/disk/disk2</rasd:HostResource>
        <rasd:InstanceID>6</rasd:InstanceID>
        <rasd:Parent>3</rasd:Parent>
        <rasd:ResourceType>17</rasd:ResourceType>
      </Item>`;

/** A push with an option chosen, in IMPORT_FILE_TRANSFER. */
async function chosen(stage: Stage, key: string) {
  const sample = twoDisks(stage);
  const id = await createImport(stage);
  await uploadDescriptor(stage, id, sample.descriptor);
  await reachImport(stage, id, 'IMPORT_SELECTING_OVF_PARAMS');
  const option = params('deployment_option_params', 'DeploymentOptionParams', { selected_key: key });
  valueless(await instantiate(stage, id, [...parametersOf(stage, sample.name), option]));
  const { exchange, files } = await reachImport(stage, id, 'IMPORT_FILE_TRANSFER');
  const has = ({ name }: SampleFile): boolean => files.some((file: FileEntry) => file.name === name);
  return { id, sample, exchange, has };
}

/** Section 11.1: the parameters that are chosen decide which files an import needs. */
export const optionCases: readonly ContractCase[] = [
  {
    id: 'files.option.without',
    section,
    title: 'a disk that the option chosen does not have drops out of the list, and is not waited for',
    needs,
    async run(stage) {
      const { id, sample, exchange, has } = await chosen(stage, 'small');
      expectThat(exchange, { 'the first disk is listed': has(sample.disk), 'the second is not': !has(sample.second) });
      await upload(stage, id, sample.disk);
      await reachImport(stage, id, 'IMPORT_COMPLETED');
    },
  },
  {
    id: 'files.option.with',
    section,
    title: 'a disk that only the option chosen has is listed, and waited for',
    needs,
    async run(stage) {
      const { id, sample, exchange, has } = await chosen(stage, 'large');
      expectThat(exchange, { 'both disks are listed': has(sample.disk) && has(sample.second) });
      await upload(stage, id, sample.disk);
      const during = await importInfo(stage, id);
      expectThat(during.exchange, { 'it waits for the second': during.state === 'IMPORT_FILE_TRANSFER' });
      await upload(stage, id, sample.second);
      await reachImport(stage, id, 'IMPORT_COMPLETED');
    },
  },
];
