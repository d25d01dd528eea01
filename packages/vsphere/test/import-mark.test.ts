import { sampleSuite } from '@ovfkit/conformance';
import { readDescriptor, systemsOf } from '@ovfkit/package-format';
import { expect, test } from 'vitest';
import { markedDescriptor } from '../src/import-mark.ts';

const marksOf = (text: string) =>
  systemsOf(readDescriptor(text).content).map(({ id, hardware }) => [
    id,
    ...hardware.flatMap(({ extraConfig }) => extraConfig.map(({ key, value }) => `${key}=${value}`)).toSorted(),
  ]);

const nested = (text: string): string =>
  text.replace(
    /<VirtualSystem ovf:id="s-db">.*?<\/VirtualSystem>/s,
    '<VirtualSystemCollection ovf:id="tier"><Info>Inside</Info>$&</VirtualSystemCollection>',
  );

test('each machine of a package knows its import, and how many vApps of it are around it', () => {
  const text = nested(new TextDecoder().decode(sampleSuite('s').descriptor.bytes));
  const marks = ['ovfkit.import.done=k', 'ovfkit.import.level=1', 'ovfkit.import=k'];
  expect(marksOf(markedDescriptor(text, 'k'))).toEqual([
    ['s-web', ...marks],
    ['s-db', ...marks.with(1, 'ovfkit.import.level=2')],
  ]);
});

test('a machine of its own is in no vApp', () => {
  const [web = ''] =
    /<VirtualSystem ovf:id="s-web">.*?<\/VirtualSystem>/s.exec(
      new TextDecoder().decode(sampleSuite('s').descriptor.bytes),
    ) ?? [];
  const text = new TextDecoder()
    .decode(sampleSuite('s').descriptor.bytes)
    .replace(/<VirtualSystemCollection.*<\/VirtualSystemCollection>/s, web);
  expect(marksOf(markedDescriptor(text, 'k'))).toEqual([['s-web', 'ovfkit.import.done=k', 'ovfkit.import=k']]);
});
