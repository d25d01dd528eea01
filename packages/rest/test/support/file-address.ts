import type { FileAddress, OvfFileInfo, Upload } from '@ovfkit/domain';
import { chunksOf } from './backend.ts';

export const address = (file: Partial<OvfFileInfo>, kind: FileAddress['kind'] = 'import'): FileAddress => ({
  kind,
  sessionId: 's',
  file: {
    name: 'disk.vmdk',
    fileType: 'DISK',
    optionalUpload: false,
    bytesTransferred: 0,
    fileUrl: '/up/disk',
    ...file,
  },
});

export const uploadOf = (
  text: string,
  input: Partial<Upload> & { readonly fileInfo?: Partial<OvfFileInfo> } = {},
): Upload => {
  const { fileInfo = {}, ...others } = input;
  return { ...address(fileInfo), offset: 0, size: text.length, bytes: chunksOf(text), ...others };
};
