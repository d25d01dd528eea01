import { indexTar, randomAccessOf, readTar } from '@ovfkit/package-format';
import { expect } from 'vitest';
import { sourceOf, textFrom, utf8 } from './source.ts';

interface Entry {
  readonly name: string;
  readonly type?: string;
  readonly body?: Uint8Array;
  readonly size?: string;
  readonly magic?: string;
  readonly prefix?: string;
  readonly linkname?: string;
}

/** A header written by hand, so that what our writer never writes can be tested. */
export function block({
  name,
  type = '0',
  body = new Uint8Array(),
  size,
  magic = 'ustar\x0000',
  prefix = '',
  linkname = '',
}: Entry): Uint8Array {
  const header = new Uint8Array(512);
  const put = (text: string, at: number) =>
    header.set(
      Uint8Array.from(text, (c) => c.charCodeAt(0)),
      at,
    );
  header.set(utf8(name), 0);
  put('0000644\0', 100);
  put(size ?? `${body.length.toString(8).padStart(11, '0')}\0`, 124);
  put('00000000000\0', 136);
  put('        ', 148);
  put(type, 156);
  put(linkname, 157);
  put(magic, 257);
  put(prefix, 345);
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

export function archive(...entries: readonly Entry[]): Uint8Array {
  const parts = entries.flatMap((entry) => {
    const body = entry.body ?? new Uint8Array();
    return [block(entry), body, new Uint8Array((512 - (body.length % 512)) % 512)];
  });
  return Uint8Array.from([...parts, new Uint8Array(1024)].flatMap((part) => [...part]));
}

export async function namesIn(bytes: Uint8Array): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of readTar(sourceOf(bytes))) names.push(name);
  expect((await indexTar(randomAccessOf(bytes))).map(({ name }) => name)).toEqual(names);
  return names;
}

export async function contents(bytes: Uint8Array): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const entry of readTar(sourceOf(bytes))) found[entry.name] = await textFrom(entry.bytes);
  return found;
}
