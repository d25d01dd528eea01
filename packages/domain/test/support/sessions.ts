import type {
  ExportSession,
  ImportCreateSpec,
  ImportSession,
  OvfError,
  ProbeImportSession,
  SessionFile,
} from '@ovfkit/domain';

export const file = (name: string, facts: Partial<SessionFile> = {}): SessionFile => ({
  name,
  fileType: 'DISK',
  optionalUpload: false,
  status: 'waiting',
  size: 0,
  bytesTransferred: 0,
  sha256: '',
  ...facts,
});

export const descriptor = file('descriptor.ovf', { fileType: 'OVF' });
export const bundle = file('en.msg', { fileType: 'MSG_BUNDLE' });
export const disk = file('disk1.vmdk', { fileType: 'DISK' });
export const manifest = file('descriptor.mf', { fileType: 'MANIFEST', optionalUpload: true });
export const complete = (each: SessionFile): SessionFile => ({
  ...each,
  status: 'complete',
  size: 7,
  bytesTransferred: 7,
  sha256: 'aa',
});

export const push: ImportCreateSpec = {
  importFlags: [],
  sourceType: 'PUSH_SOURCE',
  pushSourceContentType: 'OVF_SOURCE',
};
export const pushArchive: ImportCreateSpec = {
  importFlags: [],
  sourceType: 'PUSH_SOURCE',
  pushSourceContentType: 'OVA_SOURCE',
};
export const pull: ImportCreateSpec = {
  importFlags: [],
  sourceType: 'PULL_SOURCE',
  pullSource: 'https://repo.example.com/app.ovf',
};
export const library: ImportCreateSpec = {
  importFlags: [],
  sourceType: 'CONTENT_LIBRARY_SOURCE',
  contentLibraryItem: '0a7d2b1c',
};

export const oops: OvfError = {
  category: 'SERVER',
  error: { messages: [], errorType: 'RESOURCE_INACCESSIBLE' },
};

const common = {
  id: 's1',
  owner: 'ann',
  clientToken: '5a1b8f9e-6a0b-4d0f-a6c9-0d9d2f4a1c11',
  errors: [],
  warnings: [],
  information: [],
  createdAt: 1,
  expiresAt: 1000,
};

export const importSession = (createSpec: ImportCreateSpec, files: readonly SessionFile[]): ImportSession => ({
  ...common,
  state: 'IMPORT_OVF_TRANSFER',
  target: { resourcePool: 'resgroup-8' },
  createSpec,
  progress: 0,
  files: [...files],
});

export const probeSession = (createSpec: ImportCreateSpec, files: readonly SessionFile[]): ProbeImportSession => ({
  ...common,
  state: 'PROBE_IMPORT_OVF_TRANSFER',
  createSpec,
  files: [...files],
});

export const exportSession = (createSpec: ExportSession['createSpec']): ExportSession => ({
  ...common,
  state: 'EXPORT_PREPARING',
  source: { vmId: 'vm-101' },
  createSpec,
  progress: 0,
  files: [],
});
