import { loadDescriptor } from '../descriptor.ts';
import { filesOfPush } from '../package-files.ts';
import { reportFindings } from '../problem.ts';
import { isDescriptorEntry } from '../received.ts';
import type { Receiver } from '../receiver.ts';

/** Reads the descriptor that was pushed: the files of the session follow from it, or the faults that end the session. */
export async function parseDescriptor({ core, kind, flow }: Receiver, id: string): Promise<void> {
  await flow.step(id, async (session) => {
    if (!isDescriptorEntry(session.files) || !session.state.endsWith('IMPORT_OVF_TRANSFER')) return undefined;
    const { descriptor } = await loadDescriptor(core, { session, kind });
    const { errors, warnings, information } = reportFindings(descriptor.findings);
    if (errors.length > 0) return { type: 'fail', errors };
    const files = filesOfPush({ descriptor, spec: session.createSpec }, session.files);
    return { type: 'readDescriptor', files, warnings, information };
  });
}
