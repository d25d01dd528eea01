import { type PullSource, SessionError } from '@ovfkit/domain';

/** For engines that are never asked to pull. */
export const noPull: PullSource = {
  open: async () => {
    throw new SessionError('RESOURCE_INACCESSIBLE', 'Nothing is pulled in this test.');
  },
  thumbprint: async () => undefined,
};
