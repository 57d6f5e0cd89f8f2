-- SPDX-License-Identifier: MIT
-- Failure reports are samples of a source while the domain that sent them speaks for a reporter
-- that counts: both sides are looked for when that changes.
CREATE INDEX party_speaker ON party (auth_domain) WHERE counted <> 0;
CREATE INDEX document_witness ON document (auth_domain, address_id) WHERE kind = 1 AND address_id <> 0;
-- What was stored before is looked at again.
INSERT INTO unsettled SELECT DISTINCT address_id FROM document WHERE kind = 1 AND address_id <> 0
	ON CONFLICT DO NOTHING;
