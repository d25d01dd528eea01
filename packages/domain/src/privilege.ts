import { z } from 'zod';

/**
 * What a caller may be allowed beside looking at things, by vSphere's names (contract, sections 3.3 and 6.4): each is asked for
 * where a package or a call needs it.
 */
export const Privilege = z.enum([
  /** Has the server fetch from a URL. */
  'VApp.PullFromUrls',
  'VirtualMachine.Config.AddNewDisk',
  'VirtualMachine.Config.AdvancedConfig',
  'Extension.Register',
  'Network.Assign',
  'Datastore.AllocateSpace',
]);
export type Privilege = z.infer<typeof Privilege>;
