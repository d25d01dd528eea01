/** The steps from an empty database to the present format. One that was released is never changed; new ones come after it. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE session (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    owner TEXT NOT NULL,
    client_token TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (kind, id),
    UNIQUE (kind, owner, client_token)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX session_age ON session (kind, created_at, id);
  CREATE INDEX session_end ON session (kind, expires_at);

  CREATE TABLE sequence (name TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;
  INSERT INTO sequence VALUES ('entity', 100);

  CREATE TABLE entity (
    id TEXT PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    folder TEXT NOT NULL,
    number INTEGER NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (folder, name)
  ) STRICT;
  CREATE TABLE vm (
    id TEXT PRIMARY KEY,
    entity TEXT NOT NULL REFERENCES entity (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    document TEXT NOT NULL
  ) STRICT;
  CREATE INDEX vm_entity ON vm (entity);
  CREATE TABLE blob (
    vm TEXT NOT NULL REFERENCES vm (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    PRIMARY KEY (vm, key)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE user (
    name TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    hash BLOB NOT NULL,
    salt BLOB NOT NULL,
    cost INTEGER NOT NULL,
    block_size INTEGER NOT NULL,
    parallelization INTEGER NOT NULL
  ) STRICT;
  `,
  'CREATE INDEX blob_key ON blob (key);',
  `
  CREATE TABLE library (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    client_token TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (owner, client_token)
  ) STRICT;
  CREATE TABLE library_item (
    id TEXT PRIMARY KEY,
    library TEXT NOT NULL REFERENCES library (id) ON DELETE CASCADE,
    owner TEXT NOT NULL,
    client_token TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (owner, client_token),
    UNIQUE (library, name)
  ) STRICT;
  CREATE TABLE library_blob (
    item TEXT NOT NULL REFERENCES library_item (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    PRIMARY KEY (item, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX library_blob_key ON library_blob (key);
  `,
  // whose the blobs of a session are: machines hold them long after the session is gone
  `
  CREATE TABLE blob_owner (session TEXT PRIMARY KEY, owner TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX blob_owner_owner ON blob_owner (owner);
  `,
  // what is in sealed blobs; a row without its file says nothing
  `
  CREATE TABLE blob_digest (key TEXT PRIMARY KEY, sha256 TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX blob_digest_sha256 ON blob_digest (sha256, key);
  `,
  `
  CREATE TABLE lease (key TEXT PRIMARY KEY, holder TEXT NOT NULL, ends_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  `,
  // bytes; unknown of what was sealed before
  `
  ALTER TABLE blob_digest ADD COLUMN size INTEGER;
  CREATE INDEX blob_digest_size ON blob_digest (size, key);
  `,
  // lists of sessions, entry by entry, out of their documents; those of a damaged one stay there
  `
  CREATE TABLE session_entry (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    list TEXT NOT NULL,
    position INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (kind, id, list, position),
    FOREIGN KEY (kind, id) REFERENCES session (kind, id) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
  CREATE VIEW session_read AS SELECT kind, id, iif(json_valid(document), document, '{}') AS document FROM session;
  INSERT INTO session_entry
    SELECT session_read.kind, session_read.id, name, entry.key, entry.value
    FROM session_read, (SELECT 'files' AS name UNION SELECT 'members'), json_each(session_read.document, '$.' || name) AS entry
    WHERE json_type(session_read.document, '$.' || name) = 'array';
  DROP VIEW session_read;
  UPDATE session SET document = json_set(document, '$.files', json('[]'))
    WHERE iif(json_valid(document), json_type(document, '$.files') = 'array', false);
  UPDATE session SET document = json_set(document, '$.members', json('[]'))
    WHERE iif(json_valid(document), json_type(document, '$.members') = 'array', false);
  `,
];
