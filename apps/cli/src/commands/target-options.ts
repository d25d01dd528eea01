import { type Command, Option } from '@commander-js/extra-typings';

/** How to reach a target that is given as a URL, or to say it differently for a named one. */
export function withTargetOptions<Args extends unknown[], Options extends Record<string, unknown>>(
  command: Command<Args, Options>,
) {
  return command
    .option('--user <name>', 'user at the target')
    .option('--thumbprint <hex>', 'SHA-256 or SHA-1 thumbprint of the certificate of the target')
    .option('--ca <file>', 'certificate authority of the target, PEM');
}

/** Which way into a target. */
export function withViaOptions<Args extends unknown[], Options extends Record<string, unknown>>(
  command: Command<Args, Options>,
) {
  return command
    .addOption(
      new Option(
        '--via <way>',
        "by the target's own sessions, its content library, or a lease on its hosts; auto takes the first it has",
      ).choices(['auto', 'session', 'library', 'lease']),
    )
    .option('--library <name>', 'local content library that packages pass through, with --via library');
}
