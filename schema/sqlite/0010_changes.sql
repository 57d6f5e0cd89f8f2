-- SPDX-License-Identifier: MIT
-- What changed, and the rollups that finding it needs beside those that there are.

-- The policies that the reporter saw on the day, a bit each, see store/policy_bits.h.
ALTER TABLE reporter_day ADD COLUMN policies INTEGER NOT NULL DEFAULT 0;
WITH word (report_id, p, sp, rest) AS (
	SELECT r.id,
		CASE lower(p.text) WHEN 'none' THEN 0 WHEN 'quarantine' THEN 1 WHEN 'reject' THEN 2 END,
		CASE lower(s.text) WHEN 'none' THEN 0 WHEN 'quarantine' THEN 1 WHEN 'reject' THEN 2 END,
		(lower(k.text) = 's') * 2 + (lower(f.text) = 's')
	FROM report r JOIN name p ON p.id = r.p JOIN name s ON s.id = r.sp
		JOIN name k ON k.id = r.adkim JOIN name f ON f.id = r.aspf
	WHERE r.revision_of IS NULL
), seen (domain_id, day, reporter_id, policies) AS (
	SELECT r.domain_id, r.day, r.reporter_id,
		sum(DISTINCT 1 << ((w.p * 3 + coalesce(w.sp, w.p)) * 4 + w.rest))
	FROM word w JOIN report r ON r.id = w.report_id WHERE w.p IS NOT NULL GROUP BY 1, 2, 3
)
UPDATE reporter_day SET policies = seen.policies FROM seen
	WHERE reporter_day.domain_id = seen.domain_id AND reporter_day.day = seen.day
	AND reporter_day.reporter_id = seen.reporter_id;

-- Names below a domain in From; at most FROM_NAMES_MAX of a domain.
CREATE TABLE from_name (
	domain_id INTEGER NOT NULL,
	name INTEGER NOT NULL,             -- name, lower case
	first_day INTEGER NOT NULL,
	last_day INTEGER NOT NULL,
	messages INTEGER NOT NULL,
	PRIMARY KEY (domain_id, name)
) WITHOUT ROWID, STRICT;
-- Days with aligned passes of a domain's own signatures; at most SIGNATURES_OF_DAY_MAX a day.
CREATE TABLE signature_day (
	domain_id INTEGER NOT NULL,
	day INTEGER NOT NULL,
	signatures INTEGER NOT NULL,       -- name: one, or those of one mail with a space between
	PRIMARY KEY (domain_id, day, signatures)
) WITHOUT ROWID, STRICT;
-- Newcomers of those classes that are told of: fix, review, unauthorized.
CREATE INDEX source_new ON source (domain_id, first_day) WHERE class BETWEEN 1 AND 3;
CREATE INDEX arrival_cause ON arrival (cause, received_at) WHERE cause IS NOT NULL;

-- Which domains are to be looked at; 0 stands for all of them together.
CREATE TABLE change_look (
	domain_id INTEGER PRIMARY KEY,
	due INTEGER NOT NULL,              -- grows with what came since; 0 = nothing did
	looked_day INTEGER NOT NULL        -- the day that was today then
) STRICT;
CREATE INDEX change_look_due ON change_look (looked_day) WHERE due > 0;
CREATE INDEX change_look_day ON change_look (looked_day);
INSERT INTO change_look VALUES (0, 1, 0);

-- What was found, see core/change.h.
CREATE TABLE change (
	key TEXT PRIMARY KEY,
	rule INTEGER NOT NULL,
	kind TEXT NOT NULL,
	day INTEGER NOT NULL,
	domain TEXT NOT NULL,              -- "" = all
	object TEXT NOT NULL,
	part TEXT NOT NULL,
	before TEXT NOT NULL,
	after TEXT NOT NULL,
	class INTEGER NOT NULL,
	n_1 INTEGER NOT NULL, of_1 INTEGER NOT NULL,
	n_2 INTEGER NOT NULL, of_2 INTEGER NOT NULL,
	n_3 INTEGER NOT NULL, of_3 INTEGER NOT NULL,
	n_4 INTEGER NOT NULL, of_4 INTEGER NOT NULL,
	mute_key TEXT NOT NULL,
	network_key TEXT NOT NULL,         -- mute key of the network that it is a new source of; "" = none
	line TEXT NOT NULL,                -- what people see as one: new sources of a network, or the key
	first_told_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX change_line ON change (day, line);
CREATE INDEX change_told ON change (first_told_at);
CREATE TABLE change_mute (
	key TEXT PRIMARY KEY,
	kind TEXT NOT NULL,
	domain TEXT NOT NULL,
	object TEXT NOT NULL,
	part TEXT NOT NULL,
	author TEXT NOT NULL,
	made_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
-- When a user said that all of it was seen.
CREATE TABLE change_visit (user TEXT PRIMARY KEY, seen_at INTEGER NOT NULL) WITHOUT ROWID, STRICT;

-- Everything that rolls records up is made anew.
DELETE FROM source_day;
DELETE FROM source;
DELETE FROM source_signature;
DELETE FROM signature_home;
DELETE FROM domain_passes;
DELETE FROM sender_passes;
DELETE FROM unsettled;
DELETE FROM unjudged;
DELETE FROM unjudged_domain;
DELETE FROM unjudged_sender;
DELETE FROM domain_day;
DELETE FROM class_window;
DELETE FROM domain_window;
DELETE FROM sender_sum;
DELETE FROM alignment_sum;
DELETE FROM party_override;
DELETE FROM pending;
INSERT INTO pending SELECT id FROM report WHERE revision_of IS NULL;
