import { type ErrorKind, SessionError } from '@ovfkit/domain';
import type { VimFault } from './vim-client.ts';
import { anything, object, optional, text } from './vim-shape.ts';
import type { VimObject, VimValue } from './vim-value.ts';

/** A fault as it came over either wire. */
export interface ReceivedFault {
  /** `DuplicateName`. */
  readonly type: string;
  /** In the server's language; may be empty. */
  readonly message: string;
  readonly detail: VimObject;
}

/** What each fault of vim25 is among vAPI's errors; the others are `ERROR`. */
const kinds: ReadonlyMap<string, ErrorKind> = new Map(
  (
    [
      ['ALREADY_EXISTS', ['AlreadyExists', 'DuplicateName', 'FileAlreadyExists', 'OvfDuplicateElement']],
      ['CANCELED', ['RequestCanceled', 'TaskCanceled']],
      ['CONCURRENT_CHANGE', ['ConcurrentAccess', 'ChangesInInventory']],
      ['INTERNAL_SERVER_ERROR', ['RuntimeFault', 'SystemError', 'UnexpectedFault', 'VimFault']],
      [
        'INVALID_ARGUMENT',
        ['InvalidArgument', 'InvalidName', 'InvalidProperty', 'InvalidType', 'InvalidFolder', 'InvalidLocale'],
      ],
      ['INVALID_REQUEST', ['InvalidRequest']],
      [
        'NOT_ALLOWED_IN_CURRENT_STATE',
        [
          'InvalidState',
          'InvalidPowerState',
          'InvalidHostState',
          'VmToolsUnavailable',
          'DisallowedOperationOnFailoverHost',
        ],
      ],
      ['NOT_FOUND', ['ManagedObjectNotFound', 'NotFound', 'FileNotFound']],
      ['OPERATION_NOT_FOUND', ['MethodNotFound', 'NotImplemented']],
      ['RESOURCE_BUSY', ['TaskInProgress', 'FileLocked', 'VAppTaskInProgress']],
      ['RESOURCE_IN_USE', ['ResourceInUse', 'ResourceNotAvailable']],
      [
        'RESOURCE_INACCESSIBLE',
        [
          'CannotAccessFile',
          'FileFault',
          'HostCommunication',
          'HostConnectFault',
          'HostNotConnected',
          'HostNotReachable',
          'InaccessibleDatastore',
          'InvalidDatastore',
          'SSLVerifyFault',
        ],
      ],
      ['TIMED_OUT', ['Timedout']],
      [
        'UNABLE_TO_ALLOCATE_RESOURCE',
        [
          'InsufficientCpuResourcesFault',
          'InsufficientHostCapacityFault',
          'InsufficientMemoryResourcesFault',
          'InsufficientResourcesFault',
          'InsufficientStorageSpace',
          'NoDiskSpace',
        ],
      ],
      ['UNAUTHENTICATED', ['InvalidLogin', 'NotAuthenticated', 'PasswordExpired', 'NoClientCertificate']],
      ['UNAUTHORIZED', ['NoPermission', 'SecurityError', 'RestrictedByAdministrator', 'AuthMinimumAdminPermission']],
      ['UNSUPPORTED', ['NotSupported', 'RestrictedVersion', 'NotEnoughLicenses']],
    ] as const
  ).flatMap(([kind, faults]) => faults.map((fault) => [fault, kind] as const)),
);

/** A fault as an error: its message as the server wrote it, with the next step where the fault has one that is always right. */
export function faultError({ type, message, detail }: ReceivedFault, method: string): SessionError {
  const data: VimFault = { fault: type, method, detail };
  const said = message.trim() === '' ? `vSphere refused ${method}` : message.trim();
  const advice = adviceOf(type, detail);
  const words = `${said.replace(/\.$/, '')} (${type}).${advice === undefined ? '' : ` ${advice}`}`;
  return new SessionError(kindOf(type, detail), words, { data });
}

function kindOf(type: string, { requestedState, existingState }: VimObject): ErrorKind {
  if (type === 'InvalidPowerState' && requestedState !== undefined && requestedState === existingState)
    return 'ALREADY_IN_DESIRED_STATE';
  return kinds.get(type) ?? 'ERROR';
}

function adviceOf(type: string, detail: VimObject): string | undefined {
  switch (type) {
    case 'NoPermission':
      return typeof detail['privilegeId'] === 'string'
        ? `The user needs the privilege ${detail['privilegeId']} there.`
        : 'The user lacks a privilege there.';
    case 'InvalidLogin':
      return 'Check user and password.';
    case 'DuplicateName':
      return 'Choose another name, or remove what has it.';
    case 'RestrictedVersion':
      return 'The licence of this ESXi allows reading only; import through a vCenter that manages it.';
    default:
      return undefined;
  }
}

/** The fault behind an error: its type, or nothing when vSphere was not what failed. */
export const faultOf = (error: unknown): string | undefined => (isFault(error) ? error.data.fault : undefined);

const isFault = (error: unknown): error is SessionError & { readonly data: VimFault } =>
  error instanceof SessionError &&
  typeof error.data === 'object' &&
  error.data !== null &&
  'fault' in error.data &&
  'method' in error.data;

/** A fault inside a result: that of a task, of a lease, of a descriptor. */
export const localizedFault = object('LocalizedMethodFault', { fault: anything, localizedMessage: optional(text) });

/** A {@link localizedFault} as an error. */
export function localizedError(
  { fault, localizedMessage }: { readonly fault: VimValue; readonly localizedMessage?: string | undefined },
  method: string,
): SessionError {
  const detail = typeof fault === 'object' && !('length' in fault) ? fault : {};
  const { _typeName: type } = detail;
  return faultError(
    { type: typeof type === 'string' ? type : 'MethodFault', message: localizedMessage ?? '', detail },
    method,
  );
}
