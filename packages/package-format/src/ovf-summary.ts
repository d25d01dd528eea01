import { resolveConfiguration } from './ovf-resolve.ts';
import { type Descriptor, eulasOf, productsOf } from './ovf-types.ts';

/** The facts of a package as plain JSON. `null` means that the descriptor does not say. */
export interface PackageSummary {
  readonly systems: readonly {
    readonly id: string;
    readonly name: string | null;
    readonly cpus: number | null;
    readonly memoryMiB: number | null;
    readonly disks: readonly {
      readonly diskId: string;
      readonly capacityBytes: number | null;
      readonly fileRef: string | null;
      readonly format: string | null;
    }[];
    readonly nics: readonly { readonly network: string | null; readonly type: string | null }[];
  }[];
  readonly networks: readonly string[];
  readonly properties: readonly {
    readonly key: string;
    readonly type: string;
    readonly default: string | null;
    readonly userConfigurable: boolean;
    readonly label: string | null;
  }[];
  readonly deploymentOptions: readonly { readonly id: string; readonly label: string; readonly default: boolean }[];
  readonly files: readonly {
    readonly id: string;
    readonly href: string;
    readonly size: number | null;
    readonly compression: string | null;
    readonly chunkSize: number | null;
  }[];
  readonly eulas: number;
}

/**
 * The facts of a package, figures under `option` (its default one when none is named).
 * @throws PackageError OPTION_UNKNOWN
 */
export function summarize(
  descriptor: Descriptor,
  { option }: { readonly option?: string | undefined } = {},
): PackageSummary {
  const { systems } = resolveConfiguration(descriptor, { option });
  return {
    systems: systems.map(({ id, name, cpus, memory, disks, nics }) => ({
      id,
      name: name ?? null,
      cpus: cpus ?? null,
      memoryMiB: memory === undefined ? null : memory / 1024 ** 2,
      disks: disks.map(({ diskId, capacity, fileRef, format }) => ({
        diskId,
        capacityBytes: capacity ?? null,
        fileRef: fileRef ?? null,
        format: format ?? null,
      })),
      nics: nics.map(({ network, type }) => ({ network: network ?? null, type: type ?? null })),
    })),
    networks: descriptor.networks.map(({ name }) => name),
    properties: productsOf(descriptor).flatMap(({ properties }) =>
      properties.map(({ key, type, value, userConfigurable, label }) => ({
        key,
        type,
        default: value ?? null,
        userConfigurable,
        label: label ?? null,
      })),
    ),
    deploymentOptions: descriptor.deploymentOptions.map(({ id, label, isDefault }) => ({
      id,
      label,
      default: isDefault,
    })),
    files: descriptor.files.map(({ id, href, size, compression, chunkSize }) => ({
      id,
      href,
      size: size ?? null,
      compression: compression ?? null,
      chunkSize: chunkSize ?? null,
    })),
    eulas: eulasOf(descriptor).length,
  };
}
