// Runs in a worker of a browser: reads the package it is sent by the slices of its Blob, and tells what it found.
import { checkVmdk, openOva, randomAccessOf, readAll, readDescriptor, systemsOf } from '@ovfkit/package-format';

const sourceOf = (blob) => ({
  size: blob.size,
  async *read({ start, end }) {
    yield new Uint8Array(await blob.slice(start, end).arrayBuffer());
  },
});

async function report(blob) {
  const reader = await openOva(sourceOf(blob));
  const bytesOf = (name) => readAll(reader.read(name), blob.size);
  const descriptor = readDescriptor(await bytesOf(reader.descriptorName), { file: reader.descriptorName });
  const disk = reader.members.find(({ name }) => name.endsWith('.vmdk'));
  const check = await checkVmdk(randomAccessOf(await bytesOf(disk.name)));
  return {
    members: reader.members.map(({ name, size }) => ({ name, size })),
    systems: systemsOf(descriptor.content).map(({ id }) => id),
    errors: descriptor.findings.filter(({ severity }) => severity === 'error').length,
    problems: check.problems.length,
  };
}

addEventListener('message', ({ data }) => {
  report(data).then(postMessage, (error) => postMessage({ failure: String(error) }));
});
