declare const OVFKIT_VERSION: string | undefined;

/** The version of this build; the bundler puts it in, so running from source has none. */
export const version: string = typeof OVFKIT_VERSION === 'string' ? OVFKIT_VERSION : '0.0.0-source';
