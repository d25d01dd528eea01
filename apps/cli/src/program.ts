import { Command, CommanderError } from '@commander-js/extra-typings';
import { conformanceCommand } from './commands/conformance.ts';
import { convertCommand } from './commands/convert.ts';
import { exportCommand } from './commands/export.ts';
import { importCommand, planCommand } from './commands/import.ts';
import { inspectCommand } from './commands/inspect.ts';
import { libraryCommand } from './commands/library.ts';
import { packCommand, unpackCommand } from './commands/pack.ts';
import { repairCommand } from './commands/repair.ts';
import { serveCommand } from './commands/serve.ts';
import { sessionsCommand } from './commands/sessions.ts';
import { signCommand } from './commands/sign.ts';
import { specCommand } from './commands/spec.ts';
import { targetCommand } from './commands/target.ts';
import { verifyCommand } from './commands/verify.ts';
import type { Context } from './context.ts';
import { version } from './version.ts';

const help = `
Examples:
  ovfkit appliance.ova                                  what is in it
  ovfkit target add lab https://vcenter.lab.local --user administrator@vsphere.local
  ovfkit verify appliance.ova                           whether it is whole, and from whom
  ovfkit pack appliance/ -o appliance.ova
  ovfkit plan appliance.ova --to lab -n web01           whether an import would succeed
  ovfkit import appliance.ova --to lab -n web01 --net "A=VM Network" --prop hostname=web01
  ovfkit import https://files.lab.local/appliance.ova --to lab      the target fetches it itself
  ovfkit export web01 --from lab -o web01.ova
  ovfkit sessions list --on lab

TARGET is the name of a target (ovfkit target list) or a URL, https://user@host.
Passwords come from OVFKIT_PASSWORD, OVFKIT_TARGET_<NAME>_PASSWORD, or what \`target add\` stored.

Exit codes: 0 done, 1 unexpected, 2 usage, 3 package invalid, 4 verification failed, 5 target refused,
6 network, 7 timed out, 130 canceled.`;

/** Whether commander threw it: the message was printed already, `exitCode` 0 means help or version. */
export function isCommanderError(error: unknown): error is CommanderError {
  return error instanceof CommanderError;
}

function addCommands(program: Command, context: Context, setExitCode: (code: number) => void): void {
  const commands = [
    inspectCommand(context),
    verifyCommand(context),
    specCommand(context),
    packCommand(context),
    unpackCommand(context),
    signCommand(context),
    repairCommand(context),
    convertCommand(context),
    planCommand(context),
    importCommand(context),
    exportCommand(context),
    libraryCommand(context),
    sessionsCommand(context),
    targetCommand(context),
    conformanceCommand(context),
  ];
  for (const command of commands) program.addCommand(command, { isDefault: command.name() === 'inspect' });
  program.addCommand(serveCommand(context, setExitCode));
}

/** The command line's grammar. Its actions load what they need when they run. */
export function createProgram(context: Context): { readonly program: Command; exitCode(): number } {
  let code = 0;
  const program = new Command('ovfkit')
    .description('Moves virtual machine packages (OVF folders, OVA files) into and out of vSphere.')
    .version(version, '-V, --version')
    .enablePositionalOptions()
    .addHelpText('after', help);
  addCommands(program, context, (next) => {
    code = next;
  });
  const all = [program, ...program.commands, ...program.commands.flatMap((command) => command.commands)];
  for (const command of all)
    command
      .exitOverride()
      .showHelpAfterError('next: See ovfkit --help, or ovfkit COMMAND --help.')
      .configureHelp({ helpWidth: 110 });
  return { program, exitCode: () => code };
}
