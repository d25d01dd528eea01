import { itemsOf } from '../../../src/vim/vim-shape.ts';
import type { VimObject, VimValue } from '../../../src/vim/vim-value.ts';
import { change, isObject, VimServerFault } from './model.ts';
import type { NfcLeases } from './nfc-leases.ts';
import { localized, type MethodCall, type Methods } from './vim-server.ts';

/** Hosts that fetch the files of a lease: they really do, from wherever they are told. */
export function pullMethods(leases: NfcLeases): Methods {
  return {
    'HttpNfcLease.HttpNfcLeaseProbeUrls': ({ args }) =>
      sourcesIn(args).map(({ url }) => ({
        _typeName: 'HttpNfcLeaseProbeResult',
        serverAccessible: !String(url).includes('unreachable'),
      })),
    'HttpNfcLease.HttpNfcLeasePullFromUrls_Task': (call) => pull(leases, call),
    'Task.CancelTask': ({ object }) => {
      change(object, 'info', { state: 'error', error: localized(new VimServerFault('RequestCanceled', 'canceled')) });
    },
  };
}

const sourcesIn = (args: VimObject): readonly VimObject[] => itemsOf(args['files']).filter(isObject);

function pull(leases: NfcLeases, { object, args, model }: MethodCall): VimValue {
  const task = model.add('Task', model.nextId('task'), {
    info: { _typeName: 'TaskInfo', state: 'running', progress: 1 },
  });
  const fetchAll = async (): Promise<void> => {
    for (const source of sourcesIn(args)) {
      const device = leases.devicesOf(object.ref.value).find(({ importKey }) => importKey === source['targetDeviceId']);
      if (device === undefined)
        throw new VimServerFault('InvalidArgument', 'A specified parameter was not correct: files');
      const response = await fetch(String(source['url']));
      if (!response.ok) throw new VimServerFault('CannotAccessFile', `Unable to access file ${String(source['url'])}`);
      const bytes = Buffer.from(await response.arrayBuffer());
      const { memberName } = source;
      device.bytes = typeof memberName === 'string' ? memberOf(bytes, memberName) : bytes;
    }
  };
  void fetchAll().then(
    () => change(task, 'info', { state: 'success' }),
    (error: unknown) => {
      const fault = error instanceof VimServerFault ? error : new VimServerFault('CannotAccessFile', String(error));
      change(task, 'info', { state: 'error', error: localized(fault) });
    },
  );
  return task.ref;
}

const block = 512;

/** What a plain tar has under a name. */
function memberOf(archive: Buffer, name: string): Buffer {
  for (let at = 0; at + block <= archive.length; ) {
    const own = archive
      .subarray(at, at + 100)
      .toString('latin1')
      .replace(/\0.*$/s, '');
    const size = Number.parseInt(archive.subarray(at + 124, at + 135).toString('latin1'), 8) || 0;
    if (own === name) return archive.subarray(at + block, at + block + size);
    at += block + Math.ceil(size / block) * block;
  }
  throw new VimServerFault('InvalidArgument', `The archive has no ${name}.`);
}
