-- SPDX-License-Identifier: MIT
-- What classes are judged by: who handed reports in, what records say of a source, the context of
-- its domain, what users said. Sums by source are made anew from the records.

-- A name that reports are counted under, "" never being one.
CREATE TABLE voice (
	id INTEGER PRIMARY KEY,            -- name
	first_at INTEGER NOT NULL,         -- when authenticated reports of it came in
	last_at INTEGER NOT NULL,
	is_approved INTEGER NOT NULL DEFAULT 0, -- by a user
	is_counted INTEGER NOT NULL DEFAULT 0,  -- it is established
	is_heard INTEGER NOT NULL DEFAULT 1     -- since that was decided
) STRICT;
CREATE INDEX voice_heard ON voice (is_heard) WHERE is_heard;
CREATE TABLE party (
	id INTEGER PRIMARY KEY,
	reporter_id INTEGER NOT NULL,      -- reporter
	authenticated INTEGER NOT NULL,    -- enum authenticated, of the mail
	auth_domain INTEGER NOT NULL,      -- name
	from_address INTEGER NOT NULL,     -- name, of an authenticated mail
	voice INTEGER NOT NULL,            -- voice, or the name ""
	counted INTEGER NOT NULL DEFAULT 0,-- voice while it is counted
	UNIQUE (reporter_id, authenticated, auth_domain, from_address, voice)
) STRICT;
CREATE INDEX party_voice ON party (voice);
-- What was stored before tells nothing of the From address, and so has no voice.
INSERT INTO party (reporter_id, authenticated, auth_domain, from_address, voice)
	SELECT DISTINCT r.reporter_id, coalesce(c.authenticated, 0), coalesce(c.auth_domain, 1), 1, 1
	FROM report r LEFT JOIN report_carrier c ON c.report_id = r.id;
ALTER TABLE report ADD COLUMN party_id INTEGER NOT NULL DEFAULT 0;
UPDATE report SET party_id = (SELECT p.id FROM party p LEFT JOIN report_carrier c ON
	c.report_id = report.id WHERE p.reporter_id = report.reporter_id AND
	p.authenticated = coalesce(c.authenticated, 0) AND
	p.auth_domain = coalesce(c.auth_domain, 1));
DROP TABLE report_carrier;

DROP TABLE source_day;
CREATE TABLE source_day (
	address_id INTEGER NOT NULL,
	domain_id INTEGER NOT NULL,
	day INTEGER NOT NULL,
	party_id INTEGER NOT NULL,
	reports INTEGER NOT NULL,          -- that name the source and have this day as theirs
	messages INTEGER NOT NULL, pass INTEGER NOT NULL, dkim_pass INTEGER NOT NULL,
	spf_pass INTEGER NOT NULL, quarantined INTEGER NOT NULL, rejected INTEGER NOT NULL,
	forwarded INTEGER NOT NULL, explained INTEGER NOT NULL, records INTEGER NOT NULL,
	tally BLOB NOT NULL,               -- what the records say, see store/tally.h
	PRIMARY KEY (address_id, domain_id, day, party_id)
) WITHOUT ROWID, STRICT;

DROP TABLE source;
CREATE TABLE source (
	address_id INTEGER NOT NULL,
	domain_id INTEGER NOT NULL,
	class INTEGER NOT NULL,
	n_7d INTEGER NOT NULL,             -- messages in each window
	n_30d INTEGER NOT NULL,
	n_90d INTEGER NOT NULL,
	n_all INTEGER NOT NULL,
	sender INTEGER NOT NULL,           -- name
	score INTEGER NOT NULL,
	rule INTEGER NOT NULL,
	unruled INTEGER NOT NULL,          -- class * 16 + rule without the user's rule
	user_rule INTEGER NOT NULL,        -- 0 = none; negative: it says to ignore the source
	first_day INTEGER NOT NULL,
	last_day INTEGER NOT NULL,
	reporters INTEGER NOT NULL,        -- distinct
	next_day INTEGER NOT NULL,         -- the first value of state.last_day that changes this row, 0 = none
	body BLOB NOT NULL,                -- the other totals and the newest days, see store/pack.h
	facts BLOB NOT NULL,               -- what it is judged by, see store/source_facts.h
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
CREATE INDEX source_sender ON source (sender) WHERE sender > 1;
CREATE INDEX source_user_rule ON source (user_rule) WHERE user_rule <> 0;

-- Signatures of a domain's own, by the sources that showed them in the time they are judged on.
CREATE TABLE source_signature (
	domain_id INTEGER NOT NULL,
	signature INTEGER NOT NULL,        -- name, "s1._domainkey.example.com"
	address_id INTEGER NOT NULL,
	sender INTEGER NOT NULL,           -- name, or -address where it has none
	passes INTEGER NOT NULL,           -- messages; 0: it only broke
	broken_fail INTEGER NOT NULL,      -- failing messages of the source where it broke, else 0
	PRIMARY KEY (domain_id, signature, address_id)
) WITHOUT ROWID, STRICT;
CREATE TABLE signature_home (
	domain_id INTEGER NOT NULL,
	signature INTEGER NOT NULL,
	is_known INTEGER NOT NULL,         -- it passed somewhere
	home INTEGER NOT NULL,             -- sender with at least half of its passes, 0 = none
	PRIMARY KEY (domain_id, signature)
) WITHOUT ROWID, STRICT;
-- Passes of the sources of a domain in the time they are judged on: of those with mail in the last
-- 30 days, and of all; by every report, and by counted ones.
CREATE TABLE domain_passes (
	domain_id INTEGER PRIMARY KEY,
	active INTEGER NOT NULL, active_signed INTEGER NOT NULL,
	active_counted INTEGER NOT NULL, active_counted_signed INTEGER NOT NULL,
	every INTEGER NOT NULL, every_signed INTEGER NOT NULL,
	every_counted INTEGER NOT NULL, every_counted_signed INTEGER NOT NULL,
	effect TEXT NOT NULL               -- what the judge made of it when sources were judged by it
) STRICT;
-- Messages with an aligned pass in 90 days, by sender, over all domains.
CREATE TABLE sender_passes (sender INTEGER PRIMARY KEY, passes INTEGER NOT NULL) STRICT;
-- What has to be judged again, though its sums stand: addresses, domains, senders. Empty after
-- every settling.
CREATE TABLE unjudged (address_id INTEGER PRIMARY KEY) STRICT;
CREATE TABLE unjudged_domain (domain_id INTEGER PRIMARY KEY) STRICT;
CREATE TABLE unjudged_sender (sender INTEGER PRIMARY KEY) STRICT;

-- Where addresses are, by the databases in use when their sources were last settled.
CREATE TABLE address_place (
	address_id INTEGER PRIMARY KEY,
	asn INTEGER NOT NULL,              -- 0 = unknown
	as_name INTEGER NOT NULL,          -- name
	country TEXT NOT NULL              -- ISO 3166, "" = unknown
) STRICT;
CREATE INDEX address_place_asn ON address_place (asn);

CREATE TABLE user_rule (
	id INTEGER PRIMARY KEY,
	kind INTEGER NOT NULL,             -- enum rule_kind
	class INTEGER NOT NULL,            -- enum rule_class
	match TEXT NOT NULL,               -- lower case, as the user wrote it
	domain TEXT NOT NULL,              -- owned; "" = all
	ip BLOB NOT NULL,                  -- 16 bytes; kinds ip and cidr
	prefix INTEGER NOT NULL,
	asn INTEGER NOT NULL,
	note TEXT NOT NULL,
	author TEXT NOT NULL,
	made_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,       -- 0 = never
	ended_at INTEGER NOT NULL,         -- 0 = in force
	ended_by TEXT NOT NULL             -- "" = it expired
) STRICT;

-- Everything that rolls records up is made anew.
DELETE FROM unsettled;
DELETE FROM domain_day;
DELETE FROM class_window;
DELETE FROM domain_window;
DELETE FROM pending;
INSERT INTO pending SELECT id FROM report WHERE revision_of IS NULL;
