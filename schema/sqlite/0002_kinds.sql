-- SPDX-License-Identifier: MIT
-- Failure reports, complaints, bounces and TLS reports; the parts of a mail and the reasons of
-- outcomes; what retention took away; what a user may see.

-- One row for each document that is no aggregate report. Columns are what lists are found, ordered
-- and summed by; what is only shown is in body, packed by store/noun.c along the shape of its kind,
-- so that a new member of a kind of report needs no migration. Addresses of recipients are tokens
-- in all of it, see store/redact.h.
CREATE TABLE document (
	id INTEGER PRIMARY KEY,
	kind INTEGER NOT NULL,             -- enum document_kind
	revision_of INTEGER,               -- NULL: counted; 0: of one that is forgotten
	day INTEGER NOT NULL,              -- that it counts on
	reporter_id INTEGER NOT NULL,      -- reporter
	domain_id INTEGER NOT NULL,        -- name: the first domain that it is about
	address_id INTEGER NOT NULL,
	arrival_id INTEGER NOT NULL,
	stored_at INTEGER NOT NULL,        -- what retention counts from
	incidents INTEGER NOT NULL,        -- like events that it stands for; TLS reports: 0
	authenticated INTEGER NOT NULL,    -- enum authenticated, of the mail that carried it
	auth_domain INTEGER NOT NULL,      -- name
	part TEXT NOT NULL,
	identity BLOB NOT NULL,
	content BLOB NOT NULL,
	body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX document_identity ON document (identity) WHERE revision_of IS NULL;
CREATE INDEX document_revision ON document (revision_of) WHERE revision_of IS NOT NULL;
CREATE INDEX document_day ON document (kind, day);
CREATE INDEX document_address ON document (address_id, kind, day) WHERE address_id <> 0;
CREATE INDEX document_stored ON document (kind, stored_at);
-- Under each domain that it is about, and those above it, to be found by any of them.
CREATE TABLE document_domain (
	kind INTEGER NOT NULL,
	domain_id INTEGER NOT NULL,        -- name
	day INTEGER NOT NULL,
	document_id INTEGER NOT NULL,
	PRIMARY KEY (kind, domain_id, day, document_id)
) WITHOUT ROWID, STRICT;
CREATE INDEX document_domain_document ON document_domain (document_id);
-- Since the store began; what is there is counted + revisions - forgotten.
CREATE TABLE document_count (
	kind INTEGER PRIMARY KEY,
	counted INTEGER NOT NULL,
	revisions INTEGER NOT NULL,
	forgotten INTEGER NOT NULL,
	incidents INTEGER NOT NULL         -- of the counted
) STRICT;
INSERT INTO document_count VALUES (1, 0, 0, 0, 0), (2, 0, 0, 0, 0), (3, 0, 0, 0, 0),
	(4, 0, 0, 0, 0);
-- Of forgotten documents, so that the same mail is a duplicate as long as the store lives.
CREATE TABLE document_past (
	identity BLOB NOT NULL,
	content BLOB NOT NULL,
	PRIMARY KEY (identity, content)
) WITHOUT ROWID, STRICT;
-- TLS reports alone: the JSON as it came, and the sessions, which are summed by domain and result.
CREATE TABLE document_raw (document_id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
CREATE TABLE tls_policy (
	document_id INTEGER NOT NULL,
	seq INTEGER NOT NULL,              -- place in the report, from 1
	domain_id INTEGER NOT NULL,        -- name
	type INTEGER NOT NULL,             -- name
	success INTEGER,                   -- sessions; NULL: not reported
	failure INTEGER,
	PRIMARY KEY (document_id, seq)
) WITHOUT ROWID, STRICT;
CREATE TABLE tls_failure (
	document_id INTEGER NOT NULL,
	policy INTEGER NOT NULL,           -- tls_policy.seq
	seq INTEGER NOT NULL,
	result INTEGER NOT NULL,           -- name
	mx INTEGER NOT NULL,               -- name
	sessions INTEGER,
	PRIMARY KEY (document_id, policy, seq)
) WITHOUT ROWID, STRICT;

-- Aggregate reports whose mail was seen to be authenticated or not; unknown is no row.
CREATE TABLE report_carrier (
	report_id INTEGER PRIMARY KEY,
	authenticated INTEGER NOT NULL,
	auth_domain INTEGER NOT NULL       -- name
) STRICT;

-- Why mails have their outcome: the same reason is one row, with digits and names taken out.
CREATE TABLE cause (
	id INTEGER PRIMARY KEY,
	outcome INTEGER NOT NULL,
	code TEXT NOT NULL,
	text TEXT NOT NULL,
	arrivals INTEGER NOT NULL,
	last_at INTEGER NOT NULL,
	UNIQUE (outcome, code, text)
) STRICT;
CREATE INDEX cause_arrivals ON cause (arrivals);
ALTER TABLE arrival ADD COLUMN document INTEGER; -- as report, for the other kinds
ALTER TABLE arrival ADD COLUMN cause INTEGER;
ALTER TABLE arrival ADD COLUMN kept INTEGER;     -- while its bytes are kept
CREATE INDEX arrival_kept ON arrival (kept) WHERE kept IS NOT NULL;
INSERT INTO cause (outcome, code, text, arrivals, last_at)
	SELECT outcome, '', reason, count(*), max(received_at) FROM arrival WHERE reason <> ''
	GROUP BY outcome, reason;
UPDATE arrival SET cause = (SELECT id FROM cause c WHERE c.outcome = arrival.outcome
	AND c.code = '' AND c.text = arrival.reason) WHERE reason <> '';
UPDATE arrival SET kept = (SELECT k.id FROM kept k WHERE k.intake = arrival.intake
	AND k.locator = arrival.locator) WHERE reason <> '';
-- Mails with a fault or of several documents: what became of each part.
CREATE TABLE arrival_part (
	arrival_id INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	part TEXT NOT NULL,
	kind INTEGER,                      -- NULL: could not be read
	outcome INTEGER NOT NULL,
	code TEXT NOT NULL,
	reason TEXT NOT NULL,
	document INTEGER,                  -- id of the report or document that it brought or repeated
	PRIMARY KEY (arrival_id, seq)
) WITHOUT ROWID, STRICT;

ALTER TABLE state ADD COLUMN token_key BLOB;     -- made when it is first needed
ALTER TABLE state ADD COLUMN kept_forgotten INTEGER NOT NULL DEFAULT 0;
CREATE INDEX kept_last ON kept (last_at);

-- Records of which nothing certain was left: "n of m records".
ALTER TABLE report ADD COLUMN left_out INTEGER NOT NULL DEFAULT 0;

ALTER TABLE user ADD COLUMN rights INTEGER NOT NULL DEFAULT 1; -- enum right, as bits
