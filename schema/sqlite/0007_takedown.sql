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
