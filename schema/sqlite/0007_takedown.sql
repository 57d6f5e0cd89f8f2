-- SPDX-License-Identifier: MIT
-- What keeps a source off the takedown list, and what is known of reporters.

-- The guard that a source is left out by: 0 none, 1 its class, others see takedown/guards.h.
ALTER TABLE source ADD COLUMN guard INTEGER NOT NULL DEFAULT 1;
CREATE INDEX source_guard_7d ON source (guard, n_7d, domain_id, address_id) WHERE guard <> 1 AND n_7d > 0;
CREATE INDEX source_guard_30d ON source (guard, n_30d, domain_id, address_id) WHERE guard <> 1 AND n_30d > 0;
CREATE INDEX source_guard_90d ON source (guard, n_90d, domain_id, address_id) WHERE guard <> 1 AND n_90d > 0;
CREATE INDEX source_guard_all ON source (guard, n_all, domain_id, address_id) WHERE guard <> 1 AND n_all > 0;
CREATE INDEX source_domain_guard_7d ON source (domain_id, guard, n_7d, address_id) WHERE guard <> 1 AND n_7d > 0;
CREATE INDEX source_domain_guard_30d ON source (domain_id, guard, n_30d, address_id) WHERE guard <> 1 AND n_30d > 0;
CREATE INDEX source_domain_guard_90d ON source (domain_id, guard, n_90d, address_id) WHERE guard <> 1 AND n_90d > 0;
CREATE INDEX source_domain_guard_all ON source (domain_id, guard, n_all, address_id) WHERE guard <> 1 AND n_all > 0;

DROP TABLE class_window;
CREATE TABLE class_window (
	domain_id INTEGER NOT NULL,
	window INTEGER NOT NULL,
	class INTEGER NOT NULL,
	guard INTEGER NOT NULL,            -- of the sources
	reach INTEGER NOT NULL,            -- of the addresses
	sources INTEGER NOT NULL,
	addresses INTEGER NOT NULL,        -- distinct in the class; differs from sources for domain 0 alone
	guarded INTEGER NOT NULL,          -- distinct in the class behind the guard
	messages INTEGER NOT NULL, pass INTEGER NOT NULL, dkim_pass INTEGER NOT NULL,
	spf_pass INTEGER NOT NULL, quarantined INTEGER NOT NULL, rejected INTEGER NOT NULL,
	forwarded INTEGER NOT NULL, explained INTEGER NOT NULL, records INTEGER NOT NULL,
	PRIMARY KEY (domain_id, window, class, guard, reach)
) WITHOUT ROWID, STRICT;

-- Everything that rolls records up is made anew.
DELETE FROM unsettled;
DELETE FROM unjudged;
DELETE FROM unjudged_domain;
DELETE FROM unjudged_sender;
DELETE FROM source_day;
DELETE FROM source;
DELETE FROM source_signature;
DELETE FROM signature_home;
DELETE FROM domain_passes;
DELETE FROM sender_passes;
DELETE FROM domain_day;
DELETE FROM domain_window;
DELETE FROM pending;
INSERT INTO pending SELECT id FROM report WHERE revision_of IS NULL;

-- Reporters: what came on each day (domain 0 = all), and what that makes of them.
ALTER TABLE party ADD COLUMN reports INTEGER NOT NULL DEFAULT 0;
UPDATE party SET reports = (SELECT count(*) FROM report r WHERE r.reporter_id = party.reporter_id
	AND r.party_id = party.id AND r.revision_of IS NULL);
DROP TABLE reporter_day;
CREATE TABLE reporter_day (
	domain_id INTEGER NOT NULL,
	day INTEGER NOT NULL,
	reporter_id INTEGER NOT NULL,
	reports INTEGER NOT NULL,
	messages INTEGER NOT NULL,
	PRIMARY KEY (domain_id, day, reporter_id)
) WITHOUT ROWID, STRICT;
INSERT INTO reporter_day SELECT domain_id, day, reporter_id, count(*), sum(messages) FROM report
	WHERE revision_of IS NULL GROUP BY domain_id, day, reporter_id;
INSERT INTO reporter_day SELECT 0, day, reporter_id, sum(reports), sum(messages) FROM reporter_day
	GROUP BY day, reporter_id;
CREATE INDEX reporter_day_reporter ON reporter_day (reporter_id, day, reports, messages) WHERE domain_id = 0;
CREATE TABLE reporter_sum (
	reporter_id INTEGER PRIMARY KEY,
	is_due INTEGER NOT NULL,           -- something changed since the rest was made
	first_day INTEGER NOT NULL,
	last_day INTEGER NOT NULL,         -- up to the last day of all windows; 0 = none
	r_7d INTEGER NOT NULL, r_30d INTEGER NOT NULL, r_90d INTEGER NOT NULL, r_all INTEGER NOT NULL, -- reports
	n_7d INTEGER NOT NULL, n_30d INTEGER NOT NULL, n_90d INTEGER NOT NULL, n_all INTEGER NOT NULL, -- messages
	delay_s INTEGER NOT NULL,          -- usual, from the end of a period to the mail; -1 = unknown
	gap INTEGER NOT NULL,              -- usual, from one day with reports to the next; 0 = unknown
	silent_from INTEGER NOT NULL       -- the first last day of all windows on which it is silent; 0 = never
) STRICT;
CREATE INDEX reporter_sum_due ON reporter_sum (is_due) WHERE is_due;
CREATE INDEX reporter_sum_silent ON reporter_sum (silent_from) WHERE silent_from > 0;
CREATE INDEX reporter_sum_7d ON reporter_sum (n_7d, reporter_id) WHERE r_7d > 0;
CREATE INDEX reporter_sum_30d ON reporter_sum (n_30d, reporter_id) WHERE r_30d > 0;
CREATE INDEX reporter_sum_90d ON reporter_sum (n_90d, reporter_id) WHERE r_90d > 0;
CREATE INDEX reporter_sum_all ON reporter_sum (n_all, reporter_id) WHERE r_all > 0;
INSERT INTO reporter_sum SELECT DISTINCT reporter_id, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, 0, 0
	FROM reporter_day WHERE domain_id = 0;
-- What was odd about its reports: warnings by code (name).
CREATE TABLE reporter_fault (
	reporter_id INTEGER NOT NULL,
	code INTEGER NOT NULL,
	warnings INTEGER NOT NULL,
	PRIMARY KEY (reporter_id, code)
) WITHOUT ROWID, STRICT;
INSERT INTO reporter_fault SELECT r.reporter_id, w.code, count(*) FROM report_warning w
	JOIN report r ON r.id = w.report_id WHERE r.revision_of IS NULL GROUP BY 1, 2;
-- Messages by kind of override (store/query.h, enum override), rolled up with the sources.
CREATE TABLE party_override (
	party_id INTEGER NOT NULL,
	kind INTEGER NOT NULL,
	messages INTEGER NOT NULL,
	PRIMARY KEY (party_id, kind)
) WITHOUT ROWID, STRICT;
