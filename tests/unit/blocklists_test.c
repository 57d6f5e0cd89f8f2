/* SPDX-License-Identifier: MIT */
/* Answers of block lists: what they mean, and what is no answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "enrich/blocklists.h"

#define ANSWER(c, d) (0x7f000000U | (guint32)(c) << 8 | (d))

static const char table_text[] =
	"zone\toperator\tsubject\tcodes\tmeaning\tweight\tneeds_key\tstatus\n"
	"ip.list.example\tList\tip\t127.0.0.0/24\tall\tneighbourhood\tno\tactive\n"
	"ip.list.example\tList\tip\t127.0.0.4-127.0.0.7\tsome\texploit\tno\tactive\n"
	"ip.list.example\tList\tip\t127.0.0.5\tone\tspam\tno\tactive\n"
	"ip.list.example\tList\tip\t127.0.*.9\tany third\tpolicy\tno\tactive\n"
	"ip.list.example\tList\tip\t127.255.255.254\tresolver\terror\tno\tactive\n"
	"ip.list.example\tList\tip\t127.0.1.9-127.0.1.2\tturned\tspam\tno\tactive\n"
	"ip.list.example\tList\tip\t127.0.1.300\tbad\tspam\tno\tactive\n"
	"KEY.d.list.example\tList\tdomain\t127.0.1.2\tname\tspam\tyes\tactive\n"
	"gone.example\tGone\tip\t\t\tspam\tno\tclosed 2024-06-05\n"
	"gone.example\tGone\tip\t127.0.0.2\tspam\tspam\tno\tclosed 2024-06-05\n";

static void
check(const struct blocklists *b, guint32 answer, const char *meaning)
{
	const struct blocklist_row *row = blocklists_find(b, "ip.list.example", answer);

	if (!meaning) {
		assert_null(row);
		return;
	}
	assert_non_null(row);
	assert_string_equal(row->meaning, meaning);
}

static void
an_exact_row_comes_before_a_range(void **state)
{
	g_autoptr(blocklists_auto) b = blocklists_read(table_text, strlen(table_text), NULL);

	(void)state;
	check(b, ANSWER(0, 5), "one");
	check(b, ANSWER(0, 6), "all");
	check(b, ANSWER(0, 255), "all");
	check(b, ANSWER(3, 9), "any third");
	check(b, 0x7ffffffeU, "resolver");
}

static void
what_no_row_knows_is_unknown(void **state)
{
	g_autoptr(blocklists_auto) b = blocklists_read(table_text, strlen(table_text), NULL);

	(void)state;
	check(b, ANSWER(1, 0), NULL);
	check(b, ANSWER(1, 5), NULL);
	check(b, 0xc6336401U, NULL);
	assert_null(blocklists_find(b, "other.example", ANSWER(0, 5)));
}

static void
a_closed_list_is_known_and_never_lists(void **state)
{
	g_autoptr(blocklists_auto) b = blocklists_read(table_text, strlen(table_text), NULL);

	(void)state;
	assert_true(blocklists_zone(b, "gone.example")->is_closed);
	assert_null(blocklists_find(b, "gone.example", ANSWER(0, 2)));
	assert_false(blocklists_zone(b, "ip.list.example")->is_closed);
	assert_true(blocklists_zone(b, "KEY.d.list.example")->is_for_domains);
	assert_true(blocklists_zone(b, "KEY.d.list.example")->needs_key);
	assert_null(blocklists_zone(b, "list.example"));
}

static void
knows_the_lists_of_the_program(void **state)
{
	static const struct {
		guint32 answer;
		enum listing listing;
	} zen[] = {
		{ ANSWER(0, 2), LISTING_SPAM },    { ANSWER(0, 3), LISTING_SPAM },
		{ ANSWER(0, 4), LISTING_EXPLOIT }, { ANSWER(0, 9), LISTING_SPAM },
		{ ANSWER(0, 10), LISTING_POLICY }, { ANSWER(0, 11), LISTING_POLICY },
		{ 0x7ffffffeU, LISTING_ERROR },
	};
	g_autoptr(blocklists_auto) b = blocklists_new_builtin();

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(zen); i++) {
		const struct blocklist_row *row =
			blocklists_find(b, "zen.spamhaus.org", zen[i].answer);
		assert_non_null(row);
		assert_int_equal(row->listing, zen[i].listing);
	}
	assert_null(blocklists_find(b, "zen.spamhaus.org", ANSWER(0, 1)));
	assert_true(blocklists_zone(b, "dnsbl.sorbs.net")->is_closed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_exact_row_comes_before_a_range),
		cmocka_unit_test(what_no_row_knows_is_unknown),
		cmocka_unit_test(a_closed_list_is_known_and_never_lists),
		cmocka_unit_test(knows_the_lists_of_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
