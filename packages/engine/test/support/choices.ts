import type { OvfParams, SessionBackend } from '@ovfkit/domain';
import { readDescriptor, type XmlElement } from '@ovfkit/package-format';
import { admin, startEngine } from './engine.ts';
import { accepted, createImport, exportFiles, push, send, until } from './session.ts';

export async function selecting(
  text: string,
  ...importFlags: string[]
): Promise<{ readonly backend: SessionBackend; readonly id: string }> {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, { ...push, importFlags });
  await send(backend, { id, name: 'descriptor.ovf', bytes: new TextEncoder().encode(text) });
  await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  return { backend, id };
}

/** What `text` becomes with these parameters; it needs no files, or gets its own names as their bytes. */
export async function imported(text: string, ...parameters: readonly OvfParams[]) {
  const { backend, id } = await selecting(text);
  await backend.importSession.instantiate({ id, instantiationParameters: [accepted, ...parameters] });
  const { files } = await backend.importSession.get({ id });
  for (const { name } of files.filter(({ sha256 }) => sha256 === ''))
    await send(backend, { id, name, bytes: new TextEncoder().encode(name) });
  const info = await until(backend, id, 'IMPORT_COMPLETED');
  return { backend, info };
}

/** What try_instantiate has against these parameters. */
export const problemsOf = async (text: string, ...instantiationParameters: readonly OvfParams[]) => {
  const { backend, id } = await selecting(text);
  const { errors } = await backend.importSession.tryInstantiate({ id, instantiationParameters });
  return errors.map(({ name, value }) => [name, value]);
};

/** The sections kept with a machine. */
export const ovfOf = async (backend: SessionBackend, name: string) => {
  const [machine] = await backend.inventory.vm.list({ names: [name] });
  return (await backend.inventory.vm.get({ vm: machine?.vm ?? '' })).ovf;
};

export async function exportedSuite(backend: SessionBackend, vappId: string | undefined) {
  const files = await exportFiles(backend, { vappId });
  return readDescriptor(files.get('suite.ovf') ?? '');
}

export const attributesOf = ({ attributes }: XmlElement) =>
  attributes.map(({ name, value }) => `${name}=${value}`).join(' ');
