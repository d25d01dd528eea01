import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Descriptors and small packages of the corpus; `all` names them, relative to this. */
export const folder = join(process.env['OVFKIT_CORPUS'] ?? '', 'descriptors');
export const all = readdirSync(folder, { recursive: true, encoding: 'utf8' });
export const bytesOf = (name: string) => readFileSync(join(folder, name));
