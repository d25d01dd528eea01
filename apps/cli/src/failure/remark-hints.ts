/** What to do about what a target says of a package before it makes anything, by what it is about. */
export const remarkHints: ReadonlyMap<string, string> = new Map([
  ['package', 'ovfkit inspect shows what the package asks for; --lax has the target forgive what it can.'],
  ['place', 'Choose another place with --pool, --cluster, --folder or --host.'],
  ['name', 'Choose another name with -n; --if-exists rename chooses one where it is taken.'],
  [
    'hardware',
    'ovfkit repair PACKAGE -o FIT.ova --for RELEASE writes a package with the hardware of a release; else change the package, or choose another target.',
  ],
  ['networks', 'Choose other networks with --net.'],
  ['properties', 'Give other values with --prop; ovfkit inspect shows the properties.'],
  ['storage', 'Choose another datastore with --datastore, or another format with --disk-mode.'],
  ['library', 'Name another content library with --library, or choose another way with --via.'],
  ['privileges', 'Ask for the privilege the message names, or use another user.'],
]);
