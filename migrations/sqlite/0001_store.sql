-- The store, version 1. What may ever have to be erased lives only in *blocks*: blobs of one fixed size that fill a database page each,
-- because secure_delete does not clean the gap of a page that SQLite rebuilds (see crates/gotong-store/src/sqlite.rs).

-- incarnation: 16 random bytes; index_secret: 16 bytes that key the hashes of the indexes.
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;

-- One row: counts changes of runs and staging, so that a reader knows which list of runs belongs to its snapshot.
CREATE TABLE catalogue (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL) STRICT;
INSERT INTO catalogue VALUES (1, 0);

CREATE TABLE books (book INTEGER NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, PRIMARY KEY (book, key)) STRICT, WITHOUT ROWID;

-- key: log << 36 | index. Only what stays after erasure; the rest is in the heap at place: 27 bytes of header, then length bytes of content.
CREATE TABLE entries (
  key INTEGER PRIMARY KEY,
  flags INTEGER NOT NULL,
  state INTEGER NOT NULL,
  commitment BLOB NOT NULL,
  place INTEGER,
  length INTEGER
) STRICT;

-- key: log << 36 | height << 28 | index.
CREATE TABLE nodes (key INTEGER PRIMARY KEY, hash BLOB NOT NULL) STRICT;

-- Bytes that can be erased, appended one behind the other; place / 8140 is the block.
CREATE TABLE heap (block INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;

-- Secondary indexes. Staging: postings of small commits in the order of arrival. Runs: sorted postings in chunks; heads hold each
-- chunk's first posting and its Bloom filter. State: 0 live, 1 being written, 2 dropped.
CREATE TABLE staging (block INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
CREATE TABLE runs (run INTEGER PRIMARY KEY, idx INTEGER NOT NULL, level INTEGER NOT NULL, state INTEGER NOT NULL) STRICT;
CREATE TABLE heads (head INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
CREATE TABLE chunks (chunk INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
