-- SPDX-License-Identifier: MIT
-- What look-ups found out about addresses and owned domains (store/dns_facts.h). A fact stays until
-- another one replaces it, or it gets too old.
CREATE TABLE address_dns (
	address_id INTEGER PRIMARY KEY,
	rdns_state INTEGER NOT NULL,       -- enum rdns_state
	rdns INTEGER NOT NULL,             -- name, confirmed or not
	rdns_at INTEGER NOT NULL,          -- when it was found out, 0 = never
	rdns_until INTEGER NOT NULL,       -- when to ask again
	dnsbl_spam INTEGER,                -- operators that list it for spam or exploits; NULL: unknown
	on_policy_list INTEGER NOT NULL,   -- enum fact
	said INTEGER NOT NULL,             -- name: what each list said, see core/list_word.h
	dnsbl_at INTEGER NOT NULL,
	dnsbl_until INTEGER NOT NULL
) STRICT;
CREATE INDEX address_dns_rdns ON address_dns (rdns_at) WHERE rdns_at > 0;
CREATE INDEX address_dns_dnsbl ON address_dns (dnsbl_at) WHERE dnsbl_at > 0;
CREATE TABLE domain_spf (
	domain_id INTEGER PRIMARY KEY,
	state INTEGER NOT NULL,            -- as who asked numbers it, and the next two
	notes INTEGER NOT NULL,
	networks BLOB NOT NULL,            -- the judge reads it
	services TEXT NOT NULL,            -- domains of services that are included, a space between
	known_at INTEGER NOT NULL,         -- when it was found out, 0 = never
	good_until INTEGER NOT NULL        -- when to ask again
) STRICT;
