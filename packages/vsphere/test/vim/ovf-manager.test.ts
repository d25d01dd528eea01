import { describe, expect, test } from 'vitest';
import { judgeDescriptor } from '../../src/index.ts';
import { sampleImport } from '../support/import-request.ts';
import { openLeaseScene, samplePlacement } from '../support/lease-scene.ts';
import { VimServerFault } from '../support/vim-server/model.ts';

const { descriptor } = sampleImport({ placement: samplePlacement }).request;
const { signal } = new AbortController();

describe.each(['soap', 'vi-json'] as const)('a descriptor that is judged over %s', (transport) => {
  test('has the errors and warnings of the server, in its words', async () => {
    const { vim, remarks, names } = await openLeaseScene(transport);
    const before = names();
    remarks.errors.push(new VimServerFault('OvfUnsupportedType', 'no floppies here'));
    remarks.warnings.push(
      new VimServerFault('OvfUnknownDevice', 'a strange device'),
      new VimServerFault('OvfWarning', ''),
    );
    expect(await judgeDescriptor(vim, { descriptor, leniency: 'lax', signal })).toEqual({
      errors: [{ about: 'hardware', text: 'vSphere says: no floppies here' }],
      warnings: [
        { about: 'hardware', text: 'vSphere says: a strange device' },
        { about: 'package', text: 'vSphere says: OvfWarning' },
      ],
    });
    remarks.errors.splice(0);
    remarks.warnings.splice(0);
    expect(await judgeDescriptor(vim, { descriptor, signal })).toEqual({ errors: [], warnings: [] });
    expect(names()).toEqual(before);
  });

  test('has none from a server that judges none', async () => {
    const { vim, server } = await openLeaseScene(transport);
    server.trouble('ParseDescriptor', { fault: new VimServerFault('MethodNotFound', 'there is none') });
    expect(await judgeDescriptor(vim, { descriptor, signal })).toBeUndefined();
  });
});
