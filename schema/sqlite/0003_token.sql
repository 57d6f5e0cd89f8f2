-- SPDX-License-Identifier: MIT
-- Tokens of programs; the right to upload.

CREATE TABLE token (
	name TEXT PRIMARY KEY,
	token_hash TEXT NOT NULL,          -- SHA-256 of the whole token, in hex
	rights INTEGER NOT NULL,           -- enum right, as bits
	made_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

-- Who had all rights there were, has this one too.
UPDATE user SET rights = rights | 2 WHERE rights & 1;
