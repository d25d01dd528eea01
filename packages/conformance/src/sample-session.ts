import type {
  DownloadSession,
  ExportSession,
  ImportSession,
  ProbeImportSession,
  SessionFile,
  UpdateSession,
} from '@ovfkit/domain';
import { message } from '@ovfkit/domain';
import { sha256 } from './sample-bytes.ts';

/** What a sample may be told: who owns it, and when it was and ends. */
export interface SampleOptions {
  readonly id: string;
  readonly owner?: string;
  readonly clientToken?: string;
  readonly createdAt?: number;
  readonly expiresAt?: number;
}

const file: SessionFile = {
  name: 'platte "1" ☃.vmdk',
  fileType: 'DISK',
  optionalUpload: false,
  status: 'complete',
  size: Number.MAX_SAFE_INTEGER,
  bytesTransferred: Number.MAX_SAFE_INTEGER,
  sha256: sha256('disk'),
};

const common = ({
  id,
  owner = 'alice',
  clientToken = `token of ${id}`,
  createdAt = 1000,
  expiresAt = 2000,
}: SampleOptions) => ({
  ...{ id, owner, clientToken, createdAt, expiresAt },
  errors: [
    {
      category: 'VALIDATION',
      issues: [
        {
          category: 'VALUE_ILLEGAL',
          file: 'descriptor.ovf',
          lineNumber: 3,
          columnNumber: -1,
          message: message('sample', 'The value {0} is wrong.', "O'Brien\u0000\n"),
        },
      ],
    },
  ],
  warnings: [{ category: 'SERVER', error: { messages: [], errorType: 'RESOURCE_BUSY' } }],
  information: [{ messages: [message('sample.info', 'Skipped.')] }],
  files: [file],
});

/** An import session in the middle of its life, every field set. */
export const sampleImportSession = (options: SampleOptions): ImportSession => ({
  ...common(options),
  state: 'IMPORT_FILE_TRANSFER',
  target: { resourcePool: 'resgroup-8', hostSystem: 'host-9', folder: 'group-v3' },
  createSpec: {
    sourceType: 'PUSH_SOURCE',
    pushSourceContentType: 'OVF_SOURCE',
    pushSourceOvfOption: 'MANIFEST',
    importFlags: ['LAX'],
    locale: 'de-DE',
  },
  progress: 40,
  parameters: [
    { type: 'EulaParams', eulas: ['Lizenz'], allEulaAccepted: true },
    { type: 'PropertyParams', properties: [{ classId: 'net', id: '__proto__', instanceId: '0', value: '' }] },
    { type: 'ParamsOfTomorrow', depth: { of: ['field'] } },
  ],
  vmId: 'vm-101',
  customizationResults: [{ key: 'vm-101', value: true }],
});

/** A probe session with a fault in its descriptor. */
export const sampleProbeSession = (options: SampleOptions): ProbeImportSession => ({
  ...common(options),
  state: 'PROBE_IMPORT_ERROR',
  createSpec: { sourceType: 'PULL_SOURCE', pullSource: 'https://repo.example/app.ovf' },
});

/** An export session with its files ready. */
export const sampleExportSession = (options: SampleOptions): ExportSession => ({
  ...common(options),
  state: 'EXPORT_READY',
  source: { vmId: 'vm-101' },
  createSpec: { targetType: 'DOWNLOAD_TARGET', targetContentType: 'OVA_TARGET', exportFlags: ['CDROM'], name: 'app' },
  progress: 0,
});

const content = { name: '__proto__', blob: 'update/u1/__proto__', size: 7, sha256: sha256('content') };

const ofItem = ({
  id,
  owner = 'alice',
  clientToken = `token of ${id}`,
  createdAt = 1000,
  expiresAt = 2000,
}: SampleOptions) => ({
  ...{ id, owner, clientToken, createdAt, expiresAt },
  libraryItemId: 'item-1',
  contentVersion: 3,
  progress: 40,
});

/** An update session of a library item in the middle of its life, every field set. */
export const sampleUpdateSession = (options: SampleOptions): UpdateSession => ({
  ...ofItem(options),
  state: 'ACTIVE',
  files: [
    {
      name: 'app.ova',
      sourceType: 'PULL',
      sourceEndpoint: { uri: 'https://repo.example/app.ova', sslCertificateThumbprint: 'AA:BB' },
      status: 'READY',
      size: 9,
      checksumInfo: { algorithm: 'SHA1', checksum: 'ab' },
      bytesTransferred: 9,
      content: [content],
      digests: [{ algorithm: 'SHA1', digest: 'ab' }],
      etag: '"v1"',
    },
  ],
  removed: ['old.vmdk'],
  isCompleting: true,
  error: message('sample', "O'Brien\u0000\n"),
});

/** A download session of a library item, every field set. */
export const sampleDownloadSession = (options: SampleOptions): DownloadSession => ({
  ...ofItem(options),
  state: 'ACTIVE',
  files: [content],
  prepared: ['__proto__'],
});
