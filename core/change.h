/* SPDX-License-Identifier: MIT */
/*
 * change.h - one thing that changed on a day, by rules C1 to C12.
 *
 * A rule has one kind of change or several: a selector is new, or it is gone. The table of kinds
 * says what a kind's sentence is called and which numbers it has, so that pages, exports and alerts
 * need no code of their own for a kind. The sentence is "changed.NAME" in the table of words; its
 * places are {domain}, {object}, {part}, {was}, {is}, {class} and the numbers by their names.
 *
 * A change has a key, which is what "no double alert" means: kind, domain, object and part, and the
 * day, unless the thing happens only once. The first mail of an address stays its first mail, even
 * if a late report moves it to the day before. Who keeps keys may forget them when the data that
 * they are from is forgotten.
 *
 * Owner: a change is one block with its texts. Pure; threads: any.
 */
#ifndef CORE_CHANGE_H
#define CORE_CHANGE_H

#include <glib.h>

#include "core/source.h"

#define CHANGE_NUMBERS_MAX 4
#define CHANGE_KEY_LEN     33 /* 32 hex digits and the end */

/* The numbers are those people know: "C1". */
enum change_rule {
	CHANGE_RULE_SOURCE = 1,
	CHANGE_RULE_SILENCE = 2,
	CHANGE_RULE_PASS_RATE = 3,
	CHANGE_RULE_SPOOFING = 4,
	CHANGE_RULE_SELECTOR = 5,
	CHANGE_RULE_SUBDOMAIN = 6,
	CHANGE_RULE_POLICY = 7,
	CHANGE_RULE_REPORTER = 8,
	CHANGE_RULE_FAULT = 9,
	CHANGE_RULE_OWN_ADDRESS = 10,
	CHANGE_RULE_INCIDENT = 11,
	CHANGE_RULE_RECORD = 12,
	N_CHANGE_RULES = 13,
};

/* Stored by name. In brackets: object; part. */
enum change_kind {
	CHANGE_SOURCE_NEW,      /* (address) of class fix, review or unauthorized; is: network */
	CHANGE_NETWORK_NEW,     /* (network) new sources of one network, made by change_network() */
	CHANGE_SENDER_SILENT,   /* (sender) */
	CHANGE_PASS_RATE_FELL,  /* (sender) */
	CHANGE_SPOOFING_ROSE,   /* the domain */
	CHANGE_SELECTOR_NEW,    /* (selector; signing domain) is: its home */
	CHANGE_SELECTOR_GONE,   /* (selector; signing domain) is: its home */
	CHANGE_SUBDOMAIN_NEW,   /* (name in From) */
	CHANGE_POLICY_CHANGED,  /* the domain; was, is: policy as reporters see it */
	CHANGE_POLICY_NOT_DNS,  /* the domain; was: as reporters see it, is: as DNS has it */
	CHANGE_REPORTER_NEW,    /* (reporter) */
	CHANGE_REPORTER_SILENT, /* (reporter) */
	CHANGE_REPORTS_STOPPED, /* the domain: most usual reporters are silent */
	CHANGE_FAULTS_BEGAN,    /* (fault) mails that could not be read */
	CHANGE_OWN_LISTED,      /* (address; list) */
	CHANGE_OWN_DELISTED,    /* (address; list) */
	CHANGE_INCIDENT_QUIET,  /* (case) is: network */
	CHANGE_INCIDENT_RESUMED, /* (case) is: network */
	CHANGE_RECORD_BROKEN,    /* (name of the record; "rua", "ruf" or "external") */
	N_CHANGE_KINDS,
};

enum change_unit {
	CHANGE_UNIT_COUNT,
	CHANGE_UNIT_SHARE, /* n of whole */
	CHANGE_UNIT_DAY,   /* UTC day since 1970-01-01 */
};

struct change_number {
	gint64 n;
	gint64 whole; /* shares alone */
};

/* Texts are never NULL; "" = there is none. They are UTF-8 from reports: cut and cleaned, but not
 * to be trusted. */
struct change {
	enum change_kind kind;
	gint64 day;         /* UTC day since 1970-01-01 */
	const char *domain; /* ours; "" = of all of them */
	const char *object;
	const char *part;
	const char *was;
	const char *is;
	enum class class;                                 /* C1 alone */
	struct change_number numbers[CHANGE_NUMBERS_MAX]; /* as the row of the kind names them */
};

struct change_number_row {
	const char *name; /* NULL ends them */
	enum change_unit unit;
};

/* The first number decides between singular and plural. */
struct change_kind_row {
	enum change_rule rule;
	const char *name;
	const char *bare_name; /* of the sentence where "is" is ""; NULL = name */
	gboolean is_once;      /* an object has it once in its life: no day in the key */
	gboolean alerts;       /* sends a mail unless somebody says otherwise */
	struct change_number_row numbers[CHANGE_NUMBERS_MAX + 1];
};
extern const struct change_kind_row change_kinds[N_CHANGE_KINDS];

/* FALSE where no kind has this name. */
gboolean change_kind_parse(const char *name, enum change_kind *ret_kind);

/* "C1" to "C12". */
const char *change_rule_name(enum change_rule rule);

/* The last word of the key of its sentence. */
const char *change_sentence(const struct change *change);

/* A copy in one block, texts that are NULL become "". g_free() it. */
struct change *change_copy(const struct change *change);

/* Newest day first, then by kind, domain, object, part and the rest. */
gint change_compare(const struct change *a, const struct change *b);

/* Two changes with equal keys are the same change. Writes into key, and returns it. */
const char *change_key(const struct change *change, char key[CHANGE_KEY_LEN]);

/* The key of what "mute this" mutes: the same object's changes of this kind on whatever day. */
const char *change_mute_key(const struct change *change, char key[CHANGE_KEY_LEN]);

#endif
