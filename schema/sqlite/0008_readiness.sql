-- SPDX-License-Identifier: MIT
-- What it takes to tell whether a domain is ready for another policy, without reading its sources.

-- Messages of the last 30 days, of sources with mail in them: the whole of each class (sender 0),
-- and of the domain's own classes by sender. A sender is a name, or -address where it has none;
-- address 0 has no sender.
CREATE TABLE alignment_sum (
	domain_id INTEGER NOT NULL,
	sender INTEGER NOT NULL,
	class INTEGER NOT NULL,
	messages INTEGER NOT NULL,
	fail INTEGER NOT NULL,             -- by the receivers' word
	loose INTEGER NOT NULL,            -- those that would not pass in strict modes
	explained INTEGER NOT NULL,        -- as in struct totals
	broken INTEGER NOT NULL,           -- failing, with a broken signature of the domain's own
	esp INTEGER NOT NULL,              -- failing, marked so
	tmp INTEGER NOT NULL,
	tally BLOB NOT NULL,               -- by bits of enum alignment, see store/tally.h
	PRIMARY KEY (domain_id, sender, class)
) WITHOUT ROWID, STRICT;
CREATE INDEX alignment_sum_fail ON alignment_sum (domain_id, fail) WHERE sender <> 0 AND fail > 0;
CREATE INDEX alignment_sum_loose ON alignment_sum (domain_id, loose)
	WHERE sender <> 0 AND loose > 0;

-- Policies that reports saw, of whatever party, see store/policy_seen.h. Words of the record in lower case;
-- np and t are '' where the report does not say.
CREATE TABLE policy_seen (
	domain_id INTEGER NOT NULL,
	p TEXT NOT NULL,
	sp TEXT NOT NULL,
	np TEXT NOT NULL,
	adkim TEXT NOT NULL,
	aspf TEXT NOT NULL,
	t TEXT NOT NULL,
	first_day INTEGER NOT NULL,
	last_day INTEGER NOT NULL,
	PRIMARY KEY (domain_id, p, sp, np, adkim, aspf, t)
) WITHOUT ROWID, STRICT;
INSERT INTO policy_seen
	SELECT domain_id, p, iif(sp IN ('none', 'quarantine', 'reject'), sp, p), np, adkim, aspf, t,
	min(day), max(day) FROM (
		SELECT r.domain_id, r.day,
		iif(lower(p.text) IN ('none', 'quarantine', 'reject'), lower(p.text), 'none') AS p,
		lower(sp.text) AS sp,
		iif(lower(np.text) IN ('none', 'quarantine', 'reject'), lower(np.text), '') AS np,
		iif(lower(adkim.text) = 's', 's', 'r') AS adkim,
		iif(lower(aspf.text) = 's', 's', 'r') AS aspf,
		iif(lower(t.text) IN ('y', 'n'), lower(t.text), '') AS t
		FROM report r JOIN arrival a ON a.id = r.arrival_id
		JOIN name p ON p.id = r.p JOIN name sp ON sp.id = r.sp JOIN name np ON np.id = r.np
		JOIN name adkim ON adkim.id = r.adkim JOIN name aspf ON aspf.id = r.aspf
		JOIN name t ON t.id = r.testing
		WHERE r.revision_of IS NULL AND p.text <> '' AND r.day <= a.received_at / 86400 + 1
	) GROUP BY 1, 2, 3, 4, 5, 6, 7;

-- Sources that were settled before stand in no sum: they are settled anew, from nothing.
UPDATE source SET facts = x'00';
DELETE FROM source_signature;
DELETE FROM signature_home;
DELETE FROM domain_passes;
INSERT INTO unsettled SELECT DISTINCT address_id FROM source WHERE true ON CONFLICT DO NOTHING;
