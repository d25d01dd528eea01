/** Written in by the build. */
declare const OVFKITD_VERSION: string | undefined;

/** Version of the program; `0.0.0` when it runs from source. */
export const version: string = typeof OVFKITD_VERSION === 'string' ? OVFKITD_VERSION : '0.0.0';
