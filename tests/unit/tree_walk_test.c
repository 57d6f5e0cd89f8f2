/* SPDX-License-Identifier: MIT */
/* The DNS tree walk of RFC 9989 section 4.10, over zones that are written down here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

#include "enrich/tree_walk.h"

#define RECORDS_MAX 6
#define FAILS       "(fails)"

/* A text beside a name: one of the TXT records there. */
struct zone {
	const char *about;
	const char *start;
	const char *domain; /* NULL = unknown */
	guint queries;
	struct {
		const char *name;
		const char *text;
	} records[RECORDS_MAX];
};

static const struct zone zones[] = {
	{ "no record: the start itself", "a.b.example", "a.b.example", 3, { { NULL, NULL } } },
	{ "one label", "example", "example", 1, { { NULL, NULL } } },
	{ "one record", "a.b.example", "b.example", 3, { { "b.example", "v=DMARC1; p=none" } } },
	{ "the fewest labels win",
	  "a.b.c.example",
	  "c.example",
	  4,
	  { { "a.b.c.example", "v=DMARC1;p=reject" },
	    { "b.c.example", "v=DMARC1;p=reject" },
	    { "c.example", "v=DMARC1;p=none" } } },
	{ "the top level is asked too",
	  "b.example",
	  "example",
	  2,
	  { { "b.example", "v=DMARC1;p=none" }, { "example", "v=DMARC1;p=none;psd=u" } } },
	{ "psd=n at the start ends it at once",
	  "a.b.example",
	  "a.b.example",
	  1,
	  { { "a.b.example", "v=DMARC1; p=none; psd=n" }, { "b.example", "v=DMARC1; p=none" } } },
	{ "psd=n on the way",
	  "a.b.c.example",
	  "b.c.example",
	  2,
	  { { "b.c.example", "v=DMARC1; psd=n; p=none" }, { "c.example", "v=DMARC1; p=none" } } },
	{ "psd=y: one label below",
	  "a.b.c.example",
	  "b.c.example",
	  3,
	  { { "c.example", "v=DMARC1; p=none; psd=y" } } },
	{ "psd=y: one label below, with records below that",
	  "a.b.example",
	  "b.example",
	  3,
	  { { "a.b.example", "v=DMARC1;p=none" }, { "example", "v=DMARC1;p=none;psd=y" } } },
	{ "psd=y at the start is no public suffix of itself",
	  "c.example",
	  "c.example",
	  1,
	  { { "c.example", "v=DMARC1; p=none; psd=y" } } },
	{ "eight labels: cut to seven",
	  "a.b.c.d.e.f.g.example",
	  "g.example",
	  8,
	  { { "g.example", "v=DMARC1;p=none" } } },
	{ "many labels: eight queries, and none between the start and the seventh",
	  "1.2.3.4.5.6.7.a.b.c.d.e.f.g.example",
	  "g.example",
	  8,
	  { { "a.b.c.d.e.f.g.example", "v=DMARC1;p=none;psd=n" }, { "g.example", "v=DMARC1" } } },
	{ "psd=n at the seventh",
	  "1.2.a.b.c.d.e.f.example",
	  "a.b.c.d.e.f.example",
	  2,
	  { { "a.b.c.d.e.f.example", "v=DMARC1;psd=n" } } },
	{ "psd=y at the seventh: below it is a name that was not asked for",
	  "1.2.3.a.b.c.d.e.f.example",
	  "3.a.b.c.d.e.f.example",
	  2,
	  { { "a.b.c.d.e.f.example", "v=DMARC1;psd=y" } } },
	{ "two records are none",
	  "a.b.example",
	  "a.b.example",
	  3,
	  { { "b.example", "v=DMARC1; psd=n" }, { "b.example", "v=DMARC1; p=none" } } },
	{ "other texts beside it do not count",
	  "a.b.example",
	  "b.example",
	  2,
	  { { "b.example", "v=spf1 -all" },
	    { "b.example", "v=DMARC1; psd=n" },
	    { "b.example", "v=DMARC2; psd=y" } } },
	{ "no version, another one, or not in front: no record",
	  "a.b.c.example",
	  "a.b.c.example",
	  4,
	  { { "a.b.c.example", "p=none; v=DMARC1; psd=n" },
	    { "b.c.example", "v=dmarc1; psd=n" },
	    { "c.example", "v=DMARC10; psd=n" },
	    { "example", "" } } },
	{ "white space and case",
	  "a.b.example",
	  "b.example",
	  2,
	  { { "b.example", " V =\tDMARC1 ; P=none ;\tPSD = N " } } },
	{ "a psd that is no word says nothing",
	  "a.b.example",
	  "b.example",
	  3,
	  { { "b.example", "v=DMARC1; psd=no; psd=y; ;=;psd" } } },
	{ "a failed look-up leaves it unknown",
	  "a.b.example",
	  NULL,
	  2,
	  { { "a.b.example", "v=DMARC1;p=none" }, { "b.example", FAILS } } },
	{ "what fails above an answer is not asked",
	  "a.b.example",
	  "b.example",
	  2,
	  { { "b.example", "v=DMARC1;psd=n" }, { "example", FAILS } } },
};

struct dns {
	const struct zone *zone;
	guint queries;
};

static enum lookup_answer
look_up(gpointer cookie, const char *name, GPtrArray *texts)
{
	struct dns *dns = cookie;

	dns->queries++;
	assert_true(g_str_has_prefix(name, "_dmarc."));
	for (guint i = 0; i < RECORDS_MAX && dns->zone->records[i].name; i++) {
		if (!g_str_equal(dns->zone->records[i].name, name + strlen("_dmarc.")))
			continue;
		if (g_str_equal(dns->zone->records[i].text, FAILS))
			return LOOKUP_FAILED;
		g_ptr_array_add(texts, g_strdup(dns->zone->records[i].text));
	}
	return texts->len > 0 ? LOOKUP_FOUND : LOOKUP_NONE;
}

static void
each_zone_gives_its_domain(void **state)
{
	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(zones); i++) {
		struct dns dns = { &zones[i], 0 };
		const char *found = tree_walk_find(zones[i].start, look_up, &dns, NULL);
		if (g_strcmp0(found, zones[i].domain) != 0 || dns.queries != zones[i].queries)
			fail_msg("%s: %s after %u queries", zones[i].about,
				 found ? found : "unknown", dns.queries);
	}
}

static void
what_is_no_name_is_unknown_and_not_asked_for(void **state)
{
	static const struct zone empty = { .about = "empty" };
	static const char *const names[] = { "", ".", "a.", ".a", "a..b.example", "......" };
	struct dns dns = { &empty, 0 };
	g_autofree char *label = g_strnfill(64, 'a');
	g_autofree char *huge = g_strnfill(1024 * 1024, 'a');

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		assert_null(tree_walk_find(names[i], look_up, &dns, NULL));
	assert_null(tree_walk_find(label, look_up, &dns, NULL));
	assert_null(tree_walk_find(huge, look_up, &dns, NULL));
	assert_int_equal(dns.queries, 0);
}

static void
whether_any_record_was_met_is_told(void **state)
{
	static const struct zone bare = { .records = { { "example", "v=spf1 -all" } } };
	static const struct zone own = { .records = { { "a.example", "v=DMARC1;psd=n" } } };
	static const struct zone above = { .records = { { "example", "v=DMARC1" } } };
	struct dns dns = { &bare, 0 };
	gboolean has_record = TRUE;

	(void)state;
	assert_string_equal(tree_walk_find("a.example", look_up, &dns, &has_record), "a.example");
	assert_false(has_record);
	dns.zone = &own;
	assert_string_equal(tree_walk_find("a.example", look_up, &dns, &has_record), "a.example");
	assert_true(has_record);
	dns.zone = &above;
	assert_string_equal(tree_walk_find("a.example", look_up, &dns, &has_record), "example");
	assert_true(has_record);
}

static void
a_name_too_long_for_a_record_has_none(void **state)
{
	static const struct zone zone = { .records = { { "example", "v=DMARC1" } } };
	struct dns dns = { &zone, 0 };
	g_autoptr(GString) name = g_string_new("example");

	(void)state;
	while (name->len < 253)
		g_string_prepend(name, "a.");
	assert_int_equal(name->len, 253);
	assert_string_equal(tree_walk_find(name->str, look_up, &dns, NULL), "example");
	assert_int_equal(dns.queries, 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_zone_gives_its_domain),
		cmocka_unit_test(what_is_no_name_is_unknown_and_not_asked_for),
		cmocka_unit_test(whether_any_record_was_met_is_told),
		cmocka_unit_test(a_name_too_long_for_a_record_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
