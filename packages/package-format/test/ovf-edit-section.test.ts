import { type Descriptor, editDescriptor, readDescriptor } from '@ovfkit/package-format';
import { describe, expect, test } from 'vitest';
import { edited, systemOf } from './edited-descriptor.ts';
import { refusalCode } from './source.ts';

describe('properties', () => {
  const propertyOf = (one: Descriptor) => systemOf(one).products[0]?.properties[0];

  test('a value and a label change, the rest of the property stays', () => {
    const after = edited({ type: 'setProperty', key: 'ip', value: '10.0.0.1', label: 'IP', userConfigurable: true });
    expect(propertyOf(after)).toMatchObject({ value: '10.0.0.1', label: 'IP', userConfigurable: true, type: 'string' });
    expect(editDescriptor(after, [])).toContain(
      'ovf:value="10.0.0.1" x:kept="yes" ovf:userConfigurable="true">\n        <ovf:Label>IP</ovf:Label>',
    );
  });

  test('the value of one option changes, that of another it was written with does not', () => {
    const after = edited({ type: 'setProperty', key: 'ip', option: 'a', value: 'w' });
    expect([...(propertyOf(after)?.valuesByConfiguration ?? [])]).toEqual([
      ['b', 'v'],
      ['a', 'w'],
    ]);
  });

  test('one that is not there is added with its type, to the section of its class', () => {
    const after = edited(
      { type: 'setProperty', key: 'n', class: 'com.example', propertyType: 'uint8', value: '3' },
      { type: 'setProperty', key: 'm', propertyType: 'string', label: 'M', description: 'Text' },
    );
    expect(systemOf(after).products).toMatchObject([
      { class: 'com.example', properties: [{ key: 'ip' }, { key: 'n', type: 'uint8', value: '3' }] },
      { properties: [{ key: 'm', type: 'string', label: 'M', description: 'Text' }] },
    ]);
  });

  test('one can be removed', () => {
    expect(propertyOf(edited({ type: 'removeProperty', key: 'ip' }))).toBeUndefined();
  });

  test('product texts stand in the order of the schema', () => {
    const after = edited({ type: 'setProduct', texts: { fullVersion: '2.0 b1', vendor: 'Example', version: '2' } });
    expect(systemOf(after).products[0]).toMatchObject({
      product: 'Thing',
      vendor: 'Example',
      version: '2',
      fullVersion: '2.0 b1',
    });
    expect(editDescriptor(after, [])).toMatch(/<ovf:Product>.*\s*<ovf:Vendor>.*\s*<ovf:Version>.*\s*<ovf:FullVersion>/);
  });
});

describe('licences and annotations', () => {
  test('a licence is replaced, added and removed', () => {
    expect(edited({ type: 'setEula', license: 'two\nlines' }).content.eulas).toMatchObject([{ license: 'two\nlines' }]);
    expect(edited({ type: 'setEula', license: 'more', index: 1 }).content.eulas).toMatchObject([
      { license: '<one>' },
      { license: 'more' },
    ]);
    expect(edited({ type: 'removeEula' }).content.eulas).toEqual([]);
  });

  test('an annotation is made, then changed', () => {
    const once = edited({ type: 'setAnnotation', annotation: 'One' });
    expect(once.content.annotation).toBe('One');
    const twice = readDescriptor(editDescriptor(once, [{ type: 'setAnnotation', annotation: 'Two' }]));
    expect(twice.content.annotation).toBe('Two');
    expect(editDescriptor(twice, [])).not.toContain('One');
  });
});

test('a property that two sections have is not guessed', async () => {
  const twice = edited({ type: 'setProperty', key: 'ip', class: 'other', propertyType: 'string' });
  expect(await refusalCode(() => editDescriptor(twice, [{ type: 'setProperty', key: 'ip', value: '1' }]))).toBe(
    'EDIT_REFUSED',
  );
  const after = readDescriptor(editDescriptor(twice, [{ type: 'setProperty', key: 'ip', class: 'other', value: '1' }]));
  expect(systemOf(after).products.map(({ properties }) => properties[0]?.value)).toEqual(['', '1']);
});
