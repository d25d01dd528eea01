import { concat, PackageError, type PackageErrorCode } from '@ovfkit/package-format';
import { expect } from 'vitest';

const isHostile = process.env['CHUNKS'] === 'hostile';

/** The bytes in chunks: of 64 KiB, or of 1 to 7 bytes when CHUNKS=hostile. */
export async function* sourceOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const size = isHostile ? 1 + (turn % 7) : 65_536;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

/** The bytes cut at the given sizes, which repeat. */
export async function* cutAt(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array, void, undefined> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part);
  return concat(parts);
}

export async function textFrom(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  return new TextDecoder().decode(await collect(bytes));
}

/** The PackageError that `run` fails with; anything else fails the test. */
export async function refusal(run: () => unknown): Promise<PackageError> {
  try {
    await run();
  } catch (error) {
    expect(error).toBeInstanceOf(PackageError);
    if (error instanceof PackageError) return error;
  }
  throw new Error('nothing was refused');
}

export async function refusalCode(run: () => unknown): Promise<PackageErrorCode> {
  return (await refusal(run)).code;
}

/** A descriptor with the given parts, in OVF 1.x. */
export function descriptorWith({
  references = '',
  sections = '',
  hardware = '',
  products = '',
}: {
  readonly references?: string;
  readonly sections?: string;
  readonly hardware?: string;
  readonly products?: string;
}): string {
  return `<?xml version="1.0"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
  xmlns:vmw="http://www.vmware.com/schema/ovf">
  <References>${references}</References>${sections}
  <VirtualSystem ovf:id="vm"><Info>A machine</Info>${products}
    <VirtualHardwareSection><Info>Hardware</Info>${hardware}</VirtualHardwareSection>
  </VirtualSystem>
</Envelope>`;
}

/** An Item with the given elements, and attributes if any. */
export function item(values: Readonly<Record<string, string | number>>, attributes = ''): string {
  const children = Object.entries(values).map(([name, value]) => `<rasd:${name}>${value}</rasd:${name}>`);
  return `<Item${attributes}>${children.join('')}</Item>`;
}
