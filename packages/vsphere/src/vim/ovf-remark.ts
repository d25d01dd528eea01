import { type Remark, type RemarkSubject, SessionError } from '@ovfkit/domain';
import { faultOf, type localizedFault } from './fault.ts';
import type { ValueOf } from './vim-shape.ts';

/** What each fault that a judged package can meet is about; other faults of OVF are about the package, all others about the place. */
const subjects: ReadonlyMap<string, RemarkSubject> = new Map(
  (
    [
      [
        'hardware',
        [
          ...['OvfHardwareCheck', 'OvfMissingHardware', 'OvfNoSupportedHardwareFamily', 'OvfNoSpaceOnController'],
          ...['OvfUnsupportedType', 'OvfUnsupportedSubType', 'OvfUnknownDevice', 'OvfUnknownDeviceBacking'],
          ...['OvfUnsupportedDeviceBackingInfo', 'OvfUnsupportedDeviceBackingOption', 'OvfHostResourceConstraint'],
          ...['OvfCpuCompatibility', 'OvfCpuCompatibilityCheckNotSupported', 'OvfMappedOsId'],
        ],
      ],
      ['networks', ['OvfNetworkMappingNotSupported', 'OvfNoHostNic', 'OvfPropertyNetwork', 'InvalidNetworkInType']],
      [
        'storage',
        [
          ...['OvfDiskMappingNotFound', 'OvfDiskOrderConstraint', 'OvfUnsupportedDiskProvisioning'],
          ...['InvalidDatastore', 'InaccessibleDatastore', 'InsufficientStorageSpace', 'NoDiskSpace'],
        ],
      ],
      [
        'properties',
        [
          ...['OvfProperty', 'OvfPropertyType', 'OvfPropertyValue', 'OvfPropertyQualifier'],
          ...['OvfPropertyQualifierDuplicate', 'OvfPropertyQualifierIgnored', 'OvfDuplicatedPropertyIdImport'],
        ],
      ],
      ['name', ['OvfInvalidVmName', 'DuplicateName', 'InvalidName']],
      ['privileges', ['NoPermission']],
    ] as const
  ).flatMap(([subject, faults]) => faults.map((fault) => [fault, subject] as const)),
);

const subjectOf = (fault: string): RemarkSubject =>
  subjects.get(fault) ?? (fault.startsWith('Ovf') ? 'package' : 'place');

/** A fault inside the answer to a question about a package; its type stands in for what the server leaves unsaid. */
export function remarkOf({ fault, localizedMessage }: ValueOf<typeof localizedFault>): Remark {
  const name = typeof fault === 'object' && !('length' in fault) ? fault['_typeName'] : undefined;
  const type = typeof name === 'string' ? name : 'no reason was given';
  const words = localizedMessage?.trim() ?? '';
  return { about: subjectOf(type), text: words === '' ? type : words };
}

/** As it is told where others speak as well. */
export const quoted = ({ about, text }: Remark): Remark => ({ about, text: `vSphere says: ${text}` });

/** A call that the server refused as a remark; nothing when it could not be asked, or failed for another reason than what was asked. */
export function refusedCall(error: unknown): Remark | undefined {
  const fault = faultOf(error);
  if (fault === undefined || !(error instanceof SessionError) || error.kind === 'UNAUTHENTICATED') return undefined;
  return quoted({ about: subjectOf(fault), text: error.message });
}
