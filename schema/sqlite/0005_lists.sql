-- SPDX-License-Identifier: MIT
-- What is to be reviewed stands in the order of its score: the most suspicious first, then most
-- messages. A bulk load drops these indexes with the others of source and makes them again.
CREATE INDEX source_review_7d ON source (score, n_7d, domain_id, address_id) WHERE class = 2 AND n_7d > 0;
CREATE INDEX source_review_30d ON source (score, n_30d, domain_id, address_id) WHERE class = 2 AND n_30d > 0;
CREATE INDEX source_review_90d ON source (score, n_90d, domain_id, address_id) WHERE class = 2 AND n_90d > 0;
CREATE INDEX source_review_all ON source (score, n_all, domain_id, address_id) WHERE class = 2 AND n_all > 0;
CREATE INDEX source_domain_review_7d ON source (domain_id, score, n_7d, address_id) WHERE class = 2 AND n_7d > 0;
CREATE INDEX source_domain_review_30d ON source (domain_id, score, n_30d, address_id) WHERE class = 2 AND n_30d > 0;
CREATE INDEX source_domain_review_90d ON source (domain_id, score, n_90d, address_id) WHERE class = 2 AND n_90d > 0;
CREATE INDEX source_domain_review_all ON source (domain_id, score, n_all, address_id) WHERE class = 2 AND n_all > 0;
