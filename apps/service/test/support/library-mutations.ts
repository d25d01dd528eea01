import type { SessionBackend } from '@ovfkit/domain';
import type { Mutation } from './mutation.ts';

type Content = SessionBackend['contentLibrary'];

const withContent =
  (change: (content: Content) => Partial<Content>) =>
  (backend: SessionBackend): SessionBackend => ({
    ...backend,
    contentLibrary: { ...backend.contentLibrary, ...change(backend.contentLibrary) },
  });

/** Each breaks one rule of the content library. */
export const libraryMutations: readonly Mutation[] = [
  {
    name: 'validate finds nothing missing',
    breaks: ['library-update.validate'],
    backend: withContent(({ updateSessionFile }) => ({
      updateSessionFile: {
        ...updateSessionFile,
        validate: async (input) => {
          await updateSessionFile.validate(input);
          return { hasErrors: false, missingFiles: [], invalidFiles: [] };
        },
      },
    })),
  },
  {
    name: 'an active update session is deleted',
    breaks: ['library-update.cancel'],
    backend: withContent(({ updateSession }) => ({
      updateSession: {
        ...updateSession,
        async delete(input) {
          const { state } = await updateSession.get(input);
          if (state === 'ACTIVE') await updateSession.cancel(input);
          await updateSession.delete(input);
        },
      },
    })),
  },
  {
    name: 'the manifest of an item counts as any other file',
    breaks: ['library-update.differs', 'library-update.manifest-late'],
    backend: withContent(({ updateSessionFile }) => ({
      updateSessionFile: {
        ...updateSessionFile,
        add: (input) =>
          updateSessionFile.add({
            ...input,
            fileSpec: { ...input.fileSpec, name: input.fileSpec.name.replace(/\.mf$/, '.txt') },
          }),
      },
    })),
  },
];
