-- SPDX-License-Identifier: MIT
-- The store's first schema. docs/decisions/0001-sqlite-rollups.md says why it has this shape.
-- Days are UTC days since 1970-01-01, instants Unix seconds, counts messages.

-- One row: what the whole store says of itself.
CREATE TABLE state (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	version INTEGER NOT NULL,          -- grows with every change
	last_day INTEGER NOT NULL,         -- the last day of every window, as the sources know it
	last_received_at INTEGER NOT NULL,
	reports INTEGER NOT NULL,
	revisions INTEGER NOT NULL
) STRICT;
INSERT INTO state VALUES (1, 1, 0, 0, 0, 0);

-- Dictionaries. Name 1 is "", address 0 is "no address", sets 1 are the empty ones.
CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
INSERT INTO name VALUES (1, '');
CREATE TABLE reporter (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT; -- case-folded
CREATE TABLE address (
	id INTEGER PRIMARY KEY,
	ip BLOB NOT NULL UNIQUE,           -- 16 bytes, IPv4 mapped
	reach INTEGER NOT NULL             -- 0 public, 1 documentation and the like, 2 never reportable
) STRICT;
INSERT INTO address VALUES (0, zeroblob(16), 2);
-- Packed name ids, see store/pack.h.
CREATE TABLE auth_set (id INTEGER PRIMARY KEY, body BLOB NOT NULL UNIQUE) STRICT;
INSERT INTO auth_set VALUES (1, x'');
CREATE TABLE reason_set (id INTEGER PRIMARY KEY, body BLOB NOT NULL UNIQUE) STRICT;
INSERT INTO reason_set VALUES (1, x'');

-- The ledger: every mail that came in, and what became of it.
CREATE TABLE arrival (
	id INTEGER PRIMARY KEY,
	received_at INTEGER NOT NULL,
	intake INTEGER NOT NULL,           -- name
	outcome INTEGER NOT NULL,
	report INTEGER,                    -- the first report that it brought or repeated
	locator TEXT NOT NULL,
	reason TEXT NOT NULL
) STRICT;
CREATE TABLE arrival_count (outcome INTEGER PRIMARY KEY, arrivals INTEGER NOT NULL) STRICT;
CREATE TABLE handled (
	intake INTEGER NOT NULL,           -- name
	unique_name TEXT NOT NULL,
	outcome INTEGER NOT NULL,
	PRIMARY KEY (intake, unique_name)
) WITHOUT ROWID, STRICT;
-- Mails that could not be read, or not whole; the same bytes once.
CREATE TABLE kept (
	id INTEGER PRIMARY KEY,
	sha256 BLOB NOT NULL UNIQUE,
	first_at INTEGER NOT NULL,
	last_at INTEGER NOT NULL,
	arrivals INTEGER NOT NULL,
	size INTEGER NOT NULL,             -- unpacked
	intake INTEGER NOT NULL,           -- name
	locator TEXT NOT NULL,
	reason TEXT NOT NULL,
	bytes BLOB NOT NULL                -- packed by core/compress
) STRICT;

-- Aggregate reports. Columns without a comment of their own are ids of names.
CREATE TABLE report (
	id INTEGER PRIMARY KEY,
	revision_of INTEGER,               -- NULL: counted
	domain_id INTEGER NOT NULL,
	reporter_id INTEGER NOT NULL,      -- reporter
	day INTEGER NOT NULL,
	begin_at INTEGER NOT NULL,
	end_at INTEGER NOT NULL,
	arrival_id INTEGER NOT NULL,
	messages INTEGER NOT NULL, pass INTEGER NOT NULL, dkim_pass INTEGER NOT NULL,
	spf_pass INTEGER NOT NULL, quarantined INTEGER NOT NULL, rejected INTEGER NOT NULL,
	forwarded INTEGER NOT NULL, explained INTEGER NOT NULL, records INTEGER NOT NULL,
	warnings INTEGER NOT NULL,         -- how many
	org_name INTEGER NOT NULL, org_email INTEGER NOT NULL, extra_contact_info INTEGER NOT NULL,
	version INTEGER NOT NULL, xmlns INTEGER NOT NULL, generator INTEGER NOT NULL,
	p INTEGER NOT NULL, sp INTEGER NOT NULL, np INTEGER NOT NULL, adkim INTEGER NOT NULL,
	aspf INTEGER NOT NULL, fo INTEGER NOT NULL, pct INTEGER NOT NULL, testing INTEGER NOT NULL,
	discovery_method INTEGER NOT NULL,
	errors INTEGER NOT NULL,
	report_id TEXT NOT NULL CHECK (length(report_id) <= 4096),
	part TEXT NOT NULL,
	identity BLOB NOT NULL,
	content BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX report_identity ON report (identity) WHERE revision_of IS NULL;
CREATE INDEX report_revision ON report (revision_of) WHERE revision_of IS NOT NULL;
CREATE INDEX report_day ON report (day);
CREATE INDEX report_domain ON report (domain_id, day);
CREATE INDEX report_reporter ON report (reporter_id, day);
CREATE INDEX report_domain_reporter ON report (domain_id, reporter_id, day);
CREATE INDEX report_report_id ON report (report_id);
CREATE TABLE report_warning (
	report_id INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	code INTEGER NOT NULL,             -- name
	text TEXT NOT NULL,
	PRIMARY KEY (report_id, seq)
) WITHOUT ROWID, STRICT;
CREATE TABLE report_raw (report_id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;

-- The records of a report in address order, cut into runs; an address is never cut.
-- id is report id * 2^32 + the first address id, so that one seek finds an address of a report.
CREATE TABLE record_run (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;

-- Counted reports that the rollups do not hold yet.
CREATE TABLE pending (report_id INTEGER PRIMARY KEY) STRICT;
-- Addresses whose sources have to be made anew from source_day.
CREATE TABLE unsettled (address_id INTEGER PRIMARY KEY) STRICT;

-- Rollups, each of them derived from the records of counted reports.
CREATE TABLE source_day (
	address_id INTEGER NOT NULL,
	domain_id INTEGER NOT NULL,
	day INTEGER NOT NULL,
	reporter_id INTEGER NOT NULL,
	reports INTEGER NOT NULL,          -- that name the source and have this day as theirs
	messages INTEGER NOT NULL, pass INTEGER NOT NULL, dkim_pass INTEGER NOT NULL,
	spf_pass INTEGER NOT NULL, quarantined INTEGER NOT NULL, rejected INTEGER NOT NULL,
	forwarded INTEGER NOT NULL, explained INTEGER NOT NULL, records INTEGER NOT NULL,
	PRIMARY KEY (address_id, domain_id, day, reporter_id)
) WITHOUT ROWID, STRICT;

CREATE TABLE source (
	address_id INTEGER NOT NULL,
	domain_id INTEGER NOT NULL,
	class INTEGER NOT NULL,
	rule INTEGER NOT NULL,
	first_day INTEGER NOT NULL,
	last_day INTEGER NOT NULL,
	reporters INTEGER NOT NULL,        -- distinct
	next_day INTEGER NOT NULL,         -- the first value of state.last_day that changes this row, 0 = none
	n_7d INTEGER NOT NULL,             -- messages in each window
	n_30d INTEGER NOT NULL,
	n_90d INTEGER NOT NULL,
	n_all INTEGER NOT NULL,
	body BLOB NOT NULL,                -- the other totals and the newest days, see store/pack.h
	PRIMARY KEY (address_id, domain_id)
) WITHOUT ROWID, STRICT;
-- Lists of sources walk these from their end. A bulk load drops them and makes them again.
CREATE INDEX source_7d ON source (class, n_7d, domain_id, address_id) WHERE n_7d > 0;
CREATE INDEX source_30d ON source (class, n_30d, domain_id, address_id) WHERE n_30d > 0;
CREATE INDEX source_90d ON source (class, n_90d, domain_id, address_id) WHERE n_90d > 0;
CREATE INDEX source_all ON source (class, n_all, domain_id, address_id) WHERE n_all > 0;
CREATE INDEX source_domain_7d ON source (domain_id, class, n_7d, address_id) WHERE n_7d > 0;
CREATE INDEX source_domain_30d ON source (domain_id, class, n_30d, address_id) WHERE n_30d > 0;
CREATE INDEX source_domain_90d ON source (domain_id, class, n_90d, address_id) WHERE n_90d > 0;
CREATE INDEX source_domain_all ON source (domain_id, class, n_all, address_id) WHERE n_all > 0;

-- Domain 0 stands for all domains in the tables below.
CREATE TABLE domain (
	id INTEGER PRIMARY KEY,            -- name, or 0
	reports INTEGER NOT NULL,
	first_day INTEGER NOT NULL,
	last_day INTEGER NOT NULL,
	policy TEXT NOT NULL,
	policy_seen_at INTEGER NOT NULL
) STRICT;
CREATE TABLE domain_day (
	domain_id INTEGER NOT NULL,
	day INTEGER NOT NULL,
	class INTEGER NOT NULL,
	messages INTEGER NOT NULL, pass INTEGER NOT NULL, dkim_pass INTEGER NOT NULL,
	spf_pass INTEGER NOT NULL, quarantined INTEGER NOT NULL, rejected INTEGER NOT NULL,
	forwarded INTEGER NOT NULL, explained INTEGER NOT NULL, records INTEGER NOT NULL,
	PRIMARY KEY (domain_id, day, class)
) WITHOUT ROWID, STRICT;
CREATE TABLE class_window (
	domain_id INTEGER NOT NULL,
	window INTEGER NOT NULL,
	class INTEGER NOT NULL,
	reach INTEGER NOT NULL,            -- of the addresses
	sources INTEGER NOT NULL,
	addresses INTEGER NOT NULL,        -- distinct; differs from sources for domain 0 alone
	messages INTEGER NOT NULL, pass INTEGER NOT NULL, dkim_pass INTEGER NOT NULL,
	spf_pass INTEGER NOT NULL, quarantined INTEGER NOT NULL, rejected INTEGER NOT NULL,
	forwarded INTEGER NOT NULL, explained INTEGER NOT NULL, records INTEGER NOT NULL,
	PRIMARY KEY (domain_id, window, class, reach)
) WITHOUT ROWID, STRICT;
CREATE TABLE domain_window (
	window INTEGER NOT NULL,
	domain_id INTEGER NOT NULL,
	messages INTEGER NOT NULL,
	PRIMARY KEY (window, domain_id)
) WITHOUT ROWID, STRICT;
CREATE INDEX domain_window_messages ON domain_window (window, messages, domain_id);
CREATE TABLE reporter_day (
	domain_id INTEGER NOT NULL,
	day INTEGER NOT NULL,
	reporter_id INTEGER NOT NULL,
	PRIMARY KEY (domain_id, day, reporter_id)
) WITHOUT ROWID, STRICT;

-- People.
CREATE TABLE user (name TEXT PRIMARY KEY, password_hash TEXT NOT NULL) WITHOUT ROWID, STRICT;
CREATE TABLE session (
	token_hash TEXT PRIMARY KEY,
	user TEXT NOT NULL,
	expires_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE TABLE login_link (
	token_hash TEXT PRIMARY KEY,
	user TEXT NOT NULL,
	expires_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
