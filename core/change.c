/* SPDX-License-Identifier: MIT */
#include "core/change.h"

#define COUNT(name)                     \
	{                               \
		name, CHANGE_UNIT_COUNT \
	}
#define SHARE(name)                     \
	{                               \
		name, CHANGE_UNIT_SHARE \
	}
#define DAY(name)                     \
	{                             \
		name, CHANGE_UNIT_DAY \
	}

const struct change_kind_row change_kinds[N_CHANGE_KINDS] = {
	[CHANGE_SOURCE_NEW] = { .rule = CHANGE_RULE_SOURCE,
				.name = "source_new",
				.bare_name = "source_new_bare",
				.is_once = TRUE,
				.numbers = { COUNT("n") } },
	[CHANGE_NETWORK_NEW] = { .rule = CHANGE_RULE_SOURCE,
				 .name = "network_new",
				 .is_once = TRUE,
				 .numbers = { COUNT("n"), COUNT("sources") } },
	[CHANGE_SENDER_SILENT] = { .rule = CHANGE_RULE_SILENCE,
				   .name = "sender_silent",
				   .alerts = TRUE,
				   .numbers = { COUNT("n"), DAY("last"), COUNT("days"),
						COUNT("of") } },
	[CHANGE_PASS_RATE_FELL] = { .rule = CHANGE_RULE_PASS_RATE,
				    .name = "pass_rate_fell",
				    .alerts = TRUE,
				    .numbers = { COUNT("n"), SHARE("before"), SHARE("now"),
						 COUNT("days") } },
	[CHANGE_SPOOFING_ROSE] = { .rule = CHANGE_RULE_SPOOFING,
				   .name = "spoofing_rose",
				   .numbers = { COUNT("n"), COUNT("usual"), COUNT("limit") } },
	[CHANGE_SELECTOR_NEW] = { .rule = CHANGE_RULE_SELECTOR,
				  .name = "selector_new",
				  .bare_name = "selector_new_bare",
				  .is_once = TRUE },
	[CHANGE_SELECTOR_GONE] = { .rule = CHANGE_RULE_SELECTOR,
				   .name = "selector_gone",
				   .bare_name = "selector_gone_bare",
				   .numbers = { COUNT("n"), DAY("last") } },
	[CHANGE_SUBDOMAIN_NEW] = { .rule = CHANGE_RULE_SUBDOMAIN,
				   .name = "subdomain_new",
				   .is_once = TRUE,
				   .numbers = { COUNT("n") } },
	[CHANGE_POLICY_CHANGED] = { .rule = CHANGE_RULE_POLICY,
				    .name = "policy_changed",
				    .alerts = TRUE,
				    .numbers = { COUNT("n") } },
	[CHANGE_POLICY_NOT_DNS] = { .rule = CHANGE_RULE_POLICY,
				    .name = "policy_not_dns",
				    .alerts = TRUE,
				    .numbers = { COUNT("n"), DAY("since") } },
	[CHANGE_REPORTER_NEW] = { .rule = CHANGE_RULE_REPORTER,
				  .name = "reporter_new",
				  .is_once = TRUE },
	[CHANGE_REPORTER_SILENT] = { .rule = CHANGE_RULE_REPORTER,
				     .name = "reporter_silent",
				     .numbers = { COUNT("n"), DAY("last"), COUNT("days"),
						  COUNT("of") } },
	[CHANGE_REPORTS_STOPPED] = { .rule = CHANGE_RULE_REPORTER,
				     .name = "reports_stopped",
				     .alerts = TRUE,
				     .numbers = { COUNT("n"), COUNT("reporters"), COUNT("of") } },
	[CHANGE_FAULTS_BEGAN] = { .rule = CHANGE_RULE_FAULT,
				  .name = "faults_began",
				  .alerts = TRUE,
				  .numbers = { COUNT("n") } },
	[CHANGE_OWN_LISTED] = { .rule = CHANGE_RULE_OWN_ADDRESS, .name = "own_listed" },
	[CHANGE_OWN_DELISTED] = { .rule = CHANGE_RULE_OWN_ADDRESS, .name = "own_delisted" },
	[CHANGE_INCIDENT_QUIET] = { .rule = CHANGE_RULE_INCIDENT,
				    .name = "incident_quiet",
				    .bare_name = "incident_quiet_bare" },
	[CHANGE_INCIDENT_RESUMED] = { .rule = CHANGE_RULE_INCIDENT,
				      .name = "incident_resumed",
				      .bare_name = "incident_resumed_bare" },
	[CHANGE_RECORD_BROKEN] = { .rule = CHANGE_RULE_RECORD, .name = "record_broken" },
};

gboolean
change_kind_parse(const char *name, enum change_kind *ret_kind)
{
	for (gsize i = 0; i < N_CHANGE_KINDS; i++) {
		if (g_str_equal(change_kinds[i].name, name)) {
			*ret_kind = (enum change_kind)i;
			return TRUE;
		}
	}
	return FALSE;
}

const char *
change_rule_name(enum change_rule rule)
{
	static const char *const names[N_CHANGE_RULES] = { "",    "C1",  "C2", "C3", "C4",
							   "C5",  "C6",  "C7", "C8", "C9",
							   "C10", "C11", "C12" };

	return names[rule];
}

const char *
change_sentence(const struct change *change)
{
	const struct change_kind_row *row = &change_kinds[change->kind];

	return change->is[0] == '\0' && row->bare_name ? row->bare_name : row->name;
}

struct change *
change_copy(const struct change *change)
{
	const char *texts[] = { change->domain, change->object, change->part, change->was,
				change->is };
	gsize len = sizeof(*change);

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		len += strlen(texts[i] ? texts[i] : "") + 1;

	struct change *copy = g_malloc(len);
	char *end = (char *)(copy + 1);
	*copy = *change;
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		char *start = end;
		end = g_stpcpy(start, texts[i] ? texts[i] : "") + 1;
		texts[i] = start;
	}
	copy->domain = texts[0];
	copy->object = texts[1];
	copy->part = texts[2];
	copy->was = texts[3];
	copy->is = texts[4];
	return copy;
}

/* Of what no key has, so that every order of changes comes out as one. */
static gint
compare_contents(const struct change *a, const struct change *b)
{
	gint order = strcmp(a->was, b->was);

	if (order == 0)
		order = strcmp(a->is, b->is);
	if (order == 0)
		order = (gint)a->class - (gint)b->class;
	for (gsize i = 0; order == 0 && i < CHANGE_NUMBERS_MAX; i++) {
		const struct change_number *first = &a->numbers[i];
		const struct change_number *second = &b->numbers[i];
		order = (first->n > second->n) - (first->n < second->n);
		if (order == 0)
			order = (first->whole > second->whole) - (first->whole < second->whole);
	}
	return order;
}

gint
change_compare(const struct change *a, const struct change *b)
{
	gint order = (a->day < b->day) - (a->day > b->day);

	if (order == 0)
		order = (gint)a->kind - (gint)b->kind;
	if (order == 0)
		order = strcmp(a->domain, b->domain);
	if (order == 0)
		order = strcmp(a->object, b->object);
	if (order == 0)
		order = strcmp(a->part, b->part);
	return order ? order : compare_contents(a, b);
}

/* Texts are told apart by the NUL at their end, which no text has inside. */
static void
write_key(const struct change *change, gboolean has_day, char key[CHANGE_KEY_LEN])
{
	const char *texts[] = { change_kinds[change->kind].name, change->domain, change->object,
				change->part };
	g_autofree char *day =
		g_strdup_printf("%" G_GINT64_FORMAT, has_day ? change->day : G_MININT64);
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		g_checksum_update(sum, (const guchar *)texts[i], (gssize)strlen(texts[i]) + 1);
	g_checksum_update(sum, (const guchar *)day, -1);
	g_strlcpy(key, g_checksum_get_string(sum), CHANGE_KEY_LEN);
}

const char *
change_key(const struct change *change, char key[CHANGE_KEY_LEN])
{
	write_key(change, !change_kinds[change->kind].is_once, key);
	return key;
}

const char *
change_mute_key(const struct change *change, char key[CHANGE_KEY_LEN])
{
	write_key(change, FALSE, key);
	return key;
}
