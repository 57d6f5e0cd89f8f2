-- SPDX-License-Identifier: MIT
-- What is to be reviewed stands in the order of its score, the most suspicious first; every other
-- class in that of its messages. One index has both: rank is 0 but for class review.
ALTER TABLE source ADD COLUMN rank INTEGER GENERATED ALWAYS AS (iif(class = 2, score, 0)) VIRTUAL;
DROP INDEX source_7d;
DROP INDEX source_30d;
DROP INDEX source_90d;
DROP INDEX source_all;
DROP INDEX source_domain_7d;
DROP INDEX source_domain_30d;
DROP INDEX source_domain_90d;
DROP INDEX source_domain_all;
CREATE INDEX source_7d ON source (class, rank, n_7d, domain_id, address_id) WHERE n_7d > 0;
CREATE INDEX source_30d ON source (class, rank, n_30d, domain_id, address_id) WHERE n_30d > 0;
CREATE INDEX source_90d ON source (class, rank, n_90d, domain_id, address_id) WHERE n_90d > 0;
CREATE INDEX source_all ON source (class, rank, n_all, domain_id, address_id) WHERE n_all > 0;
CREATE INDEX source_domain_7d ON source (domain_id, class, rank, n_7d, address_id) WHERE n_7d > 0;
CREATE INDEX source_domain_30d ON source (domain_id, class, rank, n_30d, address_id) WHERE n_30d > 0;
CREATE INDEX source_domain_90d ON source (domain_id, class, rank, n_90d, address_id) WHERE n_90d > 0;
CREATE INDEX source_domain_all ON source (domain_id, class, rank, n_all, address_id) WHERE n_all > 0;

-- Sums over the sources of a sender, by domain (0 = all of them) and class; see
-- store/sqlite_sender_sums.h. A bulk load drops its indexes, too.
CREATE TABLE sender_sum (
	domain_id INTEGER NOT NULL,
	class INTEGER NOT NULL,
	sender INTEGER NOT NULL,           -- name; 1 = the sources whose sender is not known
	n_7d INTEGER NOT NULL,             -- messages in each window
	n_30d INTEGER NOT NULL,
	n_90d INTEGER NOT NULL,
	n_all INTEGER NOT NULL,
	body BLOB NOT NULL,                -- addresses in each window, then as in source
	PRIMARY KEY (domain_id, class, sender)
) WITHOUT ROWID, STRICT;
CREATE INDEX sender_sum_7d ON sender_sum (domain_id, class, n_7d, sender) WHERE n_7d > 0;
CREATE INDEX sender_sum_30d ON sender_sum (domain_id, class, n_30d, sender) WHERE n_30d > 0;
CREATE INDEX sender_sum_90d ON sender_sum (domain_id, class, n_90d, sender) WHERE n_90d > 0;
CREATE INDEX sender_sum_all ON sender_sum (domain_id, class, n_all, sender) WHERE n_all > 0;
CREATE INDEX sender_sum_sender ON sender_sum (sender, domain_id, class) WHERE sender > 1;

-- The addresses of a sender, most messages of 30 days last.
DROP INDEX source_sender;
CREATE INDEX source_sender ON source (sender, n_30d, domain_id, address_id) WHERE sender > 1;
CREATE INDEX signature_home_sender ON signature_home (home) WHERE home > 1;

-- The sums move with the sources, which are made anew with everything that rolls records up.
DELETE FROM source_day;
DELETE FROM source;
DELETE FROM source_signature;
DELETE FROM signature_home;
DELETE FROM domain_passes;
DELETE FROM sender_passes;
DELETE FROM unjudged;
DELETE FROM unjudged_domain;
DELETE FROM unjudged_sender;
DELETE FROM unsettled;
DELETE FROM domain_day;
DELETE FROM class_window;
DELETE FROM domain_window;
DELETE FROM pending;
INSERT INTO pending SELECT id FROM report WHERE revision_of IS NULL;
