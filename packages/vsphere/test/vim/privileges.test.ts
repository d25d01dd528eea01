import { expect, onTestFinished, test } from 'vitest';
import { connectVim, grantedPrivileges, managedObject } from '../../src/index.ts';
import { privilegeMethods } from '../support/vim-server/privilege-methods.ts';
import { sampleVcenter, startSampleVcenter } from '../support/vim-server/sample-vcenter.ts';

const pool = managedObject('ResourcePool', 'resgroup-11');
const other = managedObject('ResourcePool', 'resgroup-12');

test.each(['soap', 'vi-json'] as const)('over %s what a user may do is told object by object', async (transport) => {
  const model = sampleVcenter();
  const methods = privilegeMethods(model, new Set(['resgroup-12 VApp.Import']));
  const server = await startSampleVcenter({ model, methods });
  onTestFinished(() => server.close());
  const vim = await connectVim({ url: server.url, user: 'user', password: 'pass', transport });
  onTestFinished(() => vim.close());
  const privileges = ['VApp.Import', 'VApp.Export'];
  expect(await grantedPrivileges(vim, { entities: [pool, other], privileges })).toEqual([
    { entity: pool, privileges: new Set(privileges) },
    { entity: other, privileges: new Set(['VApp.Export']) },
  ]);
});

test('a server that does not tell is told apart from one that grants nothing', async () => {
  const server = await startSampleVcenter();
  onTestFinished(() => server.close());
  const vim = await connectVim({ url: server.url, user: 'user', password: 'pass' });
  onTestFinished(() => vim.close());
  const { authorizationManager, ...content } = vim.content;
  const told = grantedPrivileges({ ...vim, content }, { entities: [pool], privileges: ['VApp.Import'] });
  await expect(told).rejects.toMatchObject({ kind: 'UNSUPPORTED' });
});
