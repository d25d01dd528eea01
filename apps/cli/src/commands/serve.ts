import { Command } from '@commander-js/extra-typings';
import type { Context } from '../context.ts';

/** `ovfkit serve`; every option is ovfkitd's. */
export function serveCommand(context: Context, setExitCode: (code: number) => void) {
  return new Command('serve')
    .summary('run the service (ovfkitd)')
    .description('Runs ovfkitd of the same installation; options are its own, ovfkit serve --help shows them.')
    .usage('[--data DIR] [--listen HOST:PORT] …')
    .argument('[options...]', 'options of ovfkitd')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (options) => {
      const { serve } = await import('../actions/serve.ts');
      setExitCode(await serve(context, options));
    });
}
