/** What a package may be. */
export const packageArgument =
  'a folder, a descriptor (.ovf), an archive (.ova), an http(s) URL of one, or - for standard input';

/** Of commands that may read from a server. */
export const caHelp = "certificate authority in PEM for a https URL, in place of the system's";
