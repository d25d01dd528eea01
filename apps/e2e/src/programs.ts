import { fileURLToPath } from 'node:url';

const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** The built command line. */
export const ovfkitPath = pathOf('../../cli/dist/ovfkit.mjs');

/** The built service. */
export const ovfkitdPath = pathOf('../../service/dist/ovfkitd.mjs');
