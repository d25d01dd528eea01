import { samplePackage } from '@ovfkit/conformance';
import { findParams, type OvfParams, type OvfValidationResult, SessionError } from '@ovfkit/domain';
import { expect, test } from 'vitest';
import { admin, startEngine } from './support/engine.ts';
import { richDescriptor } from './support/rich-package.ts';
import { accepted, createImport, push, send, until } from './support/session.ts';

/** Answers about a descriptor from one session; nothing is remembered between two questions. */
async function asker(text: string | Uint8Array) {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, push);
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  await send(backend, { id, name: 'descriptor.ovf', bytes });
  await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  return {
    backend,
    id,
    ask: (...instantiationParameters: OvfParams[]) =>
      backend.importSession.tryInstantiate({ id, instantiationParameters }),
  };
}

const names = ({ errors }: OvfValidationResult) => errors.map(({ name }) => name);
const sample = samplePackage({ name: 'asked' });

test('what was not spoken of yet is no error, what was sent back incomplete is', async () => {
  const { ask } = await asker(sample.descriptor.bytes);
  expect(names(await ask())).toEqual([]);
  expect(names(await ask({ type: 'DeploymentOptionParams', selectedKey: 'large' }))).toEqual([]);
  expect(names(await ask({ type: 'EulaParams', allEulaAccepted: false }))).toEqual(['all_EULA_accepted']);
  expect(names(await ask(accepted))).toEqual([]);
});

test('instantiate tells everything that is wrong at once', async () => {
  const { backend, id } = await asker(sample.descriptor.bytes);
  const instantiationParameters: OvfParams[] = [
    { type: 'DeploymentOptionParams', selectedKey: 'huge' },
    {
      type: 'NetworkMappingParams',
      sourceNetworks: [{ name: 'VM Network', target: 'network-none' }, { name: 'other' }],
    },
    { type: 'PropertyParams', properties: [{ classId: 'net', id: 'port', value: '70000' }, { id: 'unheard' }] },
  ];
  const call = backend.importSession.instantiate({ id, instantiationParameters });
  const error: unknown = await call.then(
    () => expect.fail('it was accepted'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof SessionError)) throw error;
  expect(error.kind).toBe('INVALID_ARGUMENT');
  const texts = error.messages.map(({ defaultMessage }) => defaultMessage).join('\n');
  expect(error.messages.map(({ id }) => id)).toContain('com.ovfkit.params.option_unknown');
  expect(error.messages.find(({ id }) => id === 'com.ovfkit.params.option_unknown')?.args).toEqual([
    'huge',
    'small, large',
  ]);
  for (const part of ['huge', 'network-none', 'network other', 'net.port', 'unheard', 'accepted'])
    expect(texts).toContain(part);
});

test('a network is mapped by itself where the target has only one', async () => {
  const { ask } = await asker(richDescriptor);
  const mapping = findParams((await ask()).parameters, 'NetworkMappingParams');
  expect(mapping?.sourceNetworks).toEqual([{ name: 'net', description: 'Net', target: 'network-7' }]);
});

test('a property that only its full name tells apart is found by it, and by its key when that is enough', async () => {
  const { ask } = await asker(sample.descriptor.bytes);
  const byKey = await ask({ type: 'PropertyParams', properties: [{ id: 'hostname', value: 'short' }] });
  const byName = await ask({ type: 'PropertyParams', properties: [{ classId: 'net', id: 'hostname', value: 'full' }] });
  const valueIn = ({ parameters }: OvfValidationResult) =>
    findParams(parameters, 'PropertyParams')?.properties?.find(({ id }) => id === 'hostname')?.value;
  expect([valueIn(byKey), valueIn(byName)]).toEqual(['short', 'full']);
});

test('the value of a password is not repeated in an error', async () => {
  const text = richDescriptor.replace('ovf:key="secret" ovf:type="string"', 'ovf:key="secret" ovf:type="string(8..)"');
  const { ask } = await asker(text);
  const answer = await ask({ type: 'PropertyParams', properties: [{ id: 'secret', value: 'tiny' }] });
  expect(names(answer)).toEqual(['secret']);
  expect(JSON.stringify(answer.errors)).not.toContain('tiny');
});

test('a property that the user may not set is refused unless its own value is sent back', async () => {
  const text = richDescriptor.replace(
    'ovf:key="greeting" ovf:type="string" ovf:userConfigurable="true"',
    'ovf:key="greeting" ovf:type="string"',
  );
  const { ask } = await asker(text);
  const set = (value: string) => ask({ type: 'PropertyParams', properties: [{ id: 'greeting', value }] });
  expect(names(await set('changed'))).toEqual(['greeting']);
  expect(names(await set('hello'))).toEqual([]);
});

test('parameters that nothing reads come back as they were, with a warning', async () => {
  const { ask } = await asker(sample.descriptor.bytes);
  const unknown: OvfParams = { type: 'ParamsOfTomorrow', colour: 'green' };
  const { parameters, warnings } = await ask(unknown);
  expect(parameters).toContainEqual(unknown);
  expect(JSON.stringify(warnings)).toContain('ParamsOfTomorrow');
});

test('sizes follow the deployment option', async () => {
  const { ask } = await asker(richDescriptor);
  const flat = async (selectedKey: string) =>
    findParams((await ask({ type: 'DeploymentOptionParams', selectedKey })).parameters, 'SizeParams')
      ?.approximateFlatDeploymentSize;
  expect([await flat('full'), await flat('bare')]).toEqual([1024 ** 3, 0]);
});

test('a name that is taken in the folder is told before anything is made', async () => {
  const { backend, id, ask } = await asker(sample.descriptor.bytes);
  await send(backend, { id, name: sample.disk.name, bytes: sample.disk.bytes });
  const name: OvfParams = { type: 'NameAndProductParams', name: 'taken' };
  expect(names(await ask(name))).toEqual([]);
  await backend.importSession.instantiate({ id, instantiationParameters: [accepted, name] });
  await until(backend, id, 'IMPORT_COMPLETED');
  const again = await createImport(backend, push);
  await send(backend, { id: again, name: 'descriptor.ovf', bytes: sample.descriptor.bytes });
  await until(backend, again, 'IMPORT_SELECTING_OVF_PARAMS');
  const answer = await backend.importSession.tryInstantiate({ id: again, instantiationParameters: [name] });
  expect(names(answer)).toEqual(['name']);
});

test('texts are in the language asked for, where a bundle has them', async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  const translated = samplePackage({ name: 'translated', languages: ['de', 'fr'] });
  const id = await createImport(backend, push);
  await send(backend, { id, name: 'descriptor.ovf', bytes: translated.descriptor.bytes });
  await until(backend, id, 'IMPORT_MSG_BUNDLES_TRANSFER');
  for (const { name, bytes } of translated.bundles) await send(backend, { id, name, bytes });
  const label = async (locale?: string) => {
    const options = locale === undefined ? {} : { locale };
    const { parameters } = await backend.importSession.tryInstantiate({ id, instantiationParameters: [] }, options);
    return findParams(parameters, 'PropertyParams')?.properties?.[0]?.label;
  };
  expect([await label('fr-FR'), await label('de')]).toEqual(['Hostname (fr)', 'Hostname (de)']);
  // OVF's own language is US English: without a bundle for it the text in place counts
  expect([await label(), await label('ja')]).toEqual(['Host name', 'Host name']);
});

test('a bundle that cannot be read ends the session, and names the file', async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  const translated = samplePackage({ name: 'translated', languages: ['de'] });
  const id = await createImport(backend, push);
  await send(backend, { id, name: 'descriptor.ovf', bytes: translated.descriptor.bytes });
  await until(backend, id, 'IMPORT_MSG_BUNDLES_TRANSFER');
  await send(backend, { id, name: 'translated-de.msg', bytes: new TextEncoder().encode('<Strings>') });
  expect(JSON.stringify((await until(backend, id, 'IMPORT_ERROR')).errors)).toContain('translated-de.msg');
});
