/** `vmId` as `vm_id`. */
export const toSnakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** `tryInstantiate` as `try-instantiate`. */
export const toKebabCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The two forms of the wire (contract, section 1.1): they differ in paths, wrappers, maps and errors. */
export type Dialect = 'rest' | 'api';
