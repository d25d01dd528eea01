export { type BlobLimits, limitBlobs } from './blob-limits.ts';
export { type LocalStore, type LocalStoreOptions, openLocalStore } from './local-store.ts';
export { openUserTable, Role, type StandingUser, User, type UserTable } from './users.ts';
