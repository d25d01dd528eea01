import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from '../service.ts';
import { openVcenterRest } from '../vcenter-rest.ts';

const patienceMs = 10_000;

/** Asks until nothing is found, for a while: what was left is cleaned up in the background. */
async function lastingly(find: () => Promise<readonly string[]>): Promise<readonly string[]> {
  for (const until = Date.now() + patienceMs; ; await sleep(200)) {
    const found = await find();
    if (found.length === 0 || Date.now() > until) return found;
  }
}

/** Files under a folder, as paths within it; none when it is not there. */
export async function filesUnder(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

/**
 * What a service has when one virtual machine should be left, and no session, for whoever made one has succeeded: more or fewer
 * machines, sessions; and after the machine is deleted, blobs. One sentence each.
 */
export async function leftOverAt(service: Service, data: string): Promise<readonly string[]> {
  const rest = await openVcenterRest(service);
  const vms = await rest.listVms();
  const count = vms.length === 1 ? [] : [`${vms.length} virtual machines: ${vms.map((each) => each.name).join(', ')}`];
  const sessions = await lastingly(async () => [
    ...(await rest.listImportSessions()).map((id) => `import session ${id} is left`),
    ...(await rest.listExportSessions()).map((id) => `export session ${id} is left`),
  ]);
  if (sessions.length > 0) return [...count, ...sessions];
  for (const { vm } of vms) await rest.deleteVm(vm);
  const blobs = await lastingly(() => filesUnder(join(data, 'blobs')));
  return [...count, ...blobs.map((name) => `blob ${name} is left`)];
}
