-- SPDX-License-Identifier: MIT
-- The organisational domain of each owned domain, as its DNS has it (RFC 9989 section 4.10).
CREATE TABLE domain_org (
	domain_id INTEGER PRIMARY KEY,
	org TEXT NOT NULL,                 -- '' = it could not be found out yet
	has_record INTEGER NOT NULL,       -- 0 = no DMARC record was met: the domain stands for itself
	known_at INTEGER NOT NULL,         -- when it was found out, 0 = never
	good_until INTEGER NOT NULL        -- when to ask again
) STRICT;
