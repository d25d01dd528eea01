import { Command } from '@commander-js/extra-typings';
import type { Context } from '../context.ts';
import { withTargetOptions } from './target-options.ts';

const onTarget = (name: string) =>
  withTargetOptions(
    new Command(name).requiredOption('--on <target>', 'name or URL of the target').option('--json', 'JSON on stdout'),
  );

/** `ovfkit library list|show`. */
export function libraryCommand(context: Context) {
  const list = onTarget('list')
    .description('Lists the content libraries of a target, each with its items.')
    .action(async (options) => (await import('../actions/library.ts')).listLibraries(context, options));
  const show = onTarget('show')
    .description('Shows a library and its items, or an item and its files.')
    .argument('<library>', 'LIBRARY or LIBRARY/ITEM, each by name or id')
    .action(async (wanted, options) =>
      (await import('../actions/library.ts')).showLibrary(context, { wanted, ...options }),
    );
  return new Command('library')
    .description('Shows the content libraries of a target.')
    .addCommand(list)
    .addCommand(show);
}
