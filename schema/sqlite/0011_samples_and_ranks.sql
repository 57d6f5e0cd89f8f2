-- SPDX-License-Identifier: MIT
-- Failure reports are samples of a source while the domain that sent them speaks for a reporter
-- that counts: both sides are looked for when that changes.
CREATE INDEX party_speaker ON party (auth_domain) WHERE counted <> 0;
CREATE INDEX document_witness ON document (auth_domain, address_id) WHERE kind = 1 AND address_id <> 0;
-- What was stored before is looked at again.
INSERT INTO unsettled SELECT DISTINCT address_id FROM document WHERE kind = 1 AND address_id <> 0
	ON CONFLICT DO NOTHING;

-- Lists of sources are walked by one number before their messages, see store/sqlite_source_list.h:
-- indexes by class and rank apart take twice as long to make.
DROP INDEX source_7d;
DROP INDEX source_30d;
DROP INDEX source_90d;
DROP INDEX source_all;
DROP INDEX source_domain_7d;
DROP INDEX source_domain_30d;
DROP INDEX source_domain_90d;
DROP INDEX source_domain_all;
ALTER TABLE source DROP COLUMN rank;
ALTER TABLE source ADD COLUMN rank INTEGER
	GENERATED ALWAYS AS (class * 256 + iif(class = 2, score, 0)) VIRTUAL;
CREATE INDEX source_7d ON source (rank, n_7d, domain_id, address_id) WHERE n_7d > 0;
CREATE INDEX source_30d ON source (rank, n_30d, domain_id, address_id) WHERE n_30d > 0;
CREATE INDEX source_90d ON source (rank, n_90d, domain_id, address_id) WHERE n_90d > 0;
CREATE INDEX source_all ON source (rank, n_all, domain_id, address_id) WHERE n_all > 0;
CREATE INDEX source_domain_7d ON source (domain_id, rank, n_7d, address_id) WHERE n_7d > 0;
CREATE INDEX source_domain_30d ON source (domain_id, rank, n_30d, address_id) WHERE n_30d > 0;
CREATE INDEX source_domain_90d ON source (domain_id, rank, n_90d, address_id) WHERE n_90d > 0;
CREATE INDEX source_domain_all ON source (domain_id, rank, n_all, address_id) WHERE n_all > 0;
