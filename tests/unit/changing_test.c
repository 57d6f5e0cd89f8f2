/* SPDX-License-Identifier: MIT */
/* Changes: found once, told once, muted, counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "app/changing.h"
#include "core/error.h"
#include "store/change_store.h"
#include "tests/support/store_make.h"
#include "tests/support/store_place.h"

#define DOMAIN "shop.example"

static const char *const reporters[] = { "big.example", "small.example" };

static void
send_report(struct store_place *place, gint64 day, const char *reporter,
	    const struct make_record *more)
{
	g_autofree char *id = g_strdup_printf("%s-%" G_GINT64_FORMAT "-%u", reporter, day,
					      more ? (guint)more->count : 0);
	struct make *make = make_start(&(struct make_report){
		.domain = DOMAIN, .reporter = reporter, .report_id = id, .p = "none", .day = day });

	make_record(make, &(struct make_record){ .ip = "192.0.2.1",
						 .count = 50,
						 .dkim = ALIGNED_PASS,
						 .spf = ALIGNED_PASS,
						 .auth = "dkim pass " DOMAIN " s1" });
	if (more)
		make_record(make, more);
	assert_int_equal(store_place_submit(place, make_end(make)), OUTCOME_STORED);
}

/* So many days up to the day before today, from both reporters. */
static void
send_days(struct store_place *place, gint64 n)
{
	for (gint64 day = place->today - n; day < place->today; day++)
		for (gsize i = 0; i < G_N_ELEMENTS(reporters); i++)
			send_report(place, day, reporters[i], NULL);
}

static struct make_record
spoofed(const char *ip, gint64 count)
{
	return (struct make_record){ .ip = ip,
				     .count = count,
				     .dkim = ALIGNED_FAIL,
				     .spf = ALIGNED_FAIL,
				     .auth = "spf fail bad.example mfrom" };
}

static gint64
run(struct store_place *place)
{
	const struct change_limits limits = change_limits_default();
	g_autoptr(GError) error = NULL;
	gint64 n_new = -1;

	if (!changing_run(place->store, &limits, &n_new, &error))
		fail_msg("%s", error->message);
	return n_new;
}

static struct query_page *
list(struct store_place *place, enum change_rule rule)
{
	const struct change_question question = { .rule = rule, .limit = 100 };
	g_autoptr(GError) error = NULL;
	struct query_page *page = query_changes(store_place_view(place), &question, &error);

	if (!page)
		fail_msg("%s", error->message);
	return page;
}

static const struct query_change *
only(const struct query_page *page)
{
	assert_int_equal(page->rows->len, 1);
	return g_ptr_array_index(page->rows, 0);
}

static gint64
n_looks(struct store_place *place)
{
	g_autoptr(GPtrArray) looks = query_change_looks(store_place_view(place), 100, NULL);

	return looks->len;
}

static void
a_new_source_is_told_once(void **state)
{
	struct store_place *place = *state;
	const struct make_record first = spoofed("203.0.113.9", 6);
	const struct make_record late = spoofed("203.0.113.9", 9);

	send_days(place, 20);
	send_report(place, place->today - 20, "late.example", NULL);
	assert_int_equal(run(place), 0);
	store_place_reopen(place, place->today + 1);
	send_report(place, place->today - 1, reporters[0], &first);
	send_report(place, place->today - 1, reporters[1], NULL);
	assert_int_equal(run(place), 1);
	assert_int_equal(run(place), 0);
	{
		g_autoptr(query_page_auto) page = list(place, 0);
		const struct change *change = only(page)->change;
		assert_int_equal(change->kind, CHANGE_SOURCE_NEW);
		assert_string_equal(change->object, "203.0.113.9");
		assert_string_equal(change->domain, DOMAIN);
		assert_int_equal(change->day, place->today - 1);
		assert_int_equal(change->numbers[0].n, 6);
	}
	gint64 told_at = place->today * DAY_S + DAY_S / 2;
	store_place_reopen(place, place->today + 1);
	send_report(place, place->today - 2, "late.example", &late);
	assert_int_equal(run(place), 0);
	g_autoptr(query_page_auto) page = list(place, CHANGE_RULE_SOURCE);
	assert_int_equal(only(page)->change->numbers[0].n, 15);
	assert_int_equal(only(page)->first_told_at, told_at);
}

static void
a_domain_is_looked_at_when_something_came_and_once_a_day(void **state)
{
	struct store_place *place = *state;

	assert_int_equal(n_looks(place), 1);
	send_days(place, 1);
	assert_int_equal(n_looks(place), 2);
	run(place);
	assert_int_equal(n_looks(place), 0);
	store_place_submit_parsed(place, NULL, "one", "not XML");
	assert_int_equal(n_looks(place), 1);
	run(place);
	store_place_reopen(place, place->today + 1);
	assert_int_equal(n_looks(place), 2);
	run(place);
	store_place_reopen(place, place->today + CHANGE_ASLEEP_DAYS + 1);
	assert_int_equal(n_looks(place), 1);
}

static void
what_came_while_it_was_looked_at_makes_it_due_again(void **state)
{
	struct store_place *place = *state;
	g_autoptr(GPtrArray) none = g_ptr_array_new();

	send_days(place, 1);
	g_autoptr(GPtrArray) looks = query_change_looks(store_place_view(place), 100, NULL);
	send_report(place, place->today - 2, reporters[0], NULL);
	struct change_findings findings = { .looks = looks, .changes = none };
	assert_true(store_edit_changes(place->store, &findings, NULL));
	assert_int_equal(n_looks(place), 2);
}

static void
a_domain_that_cannot_be_read_stays_due(void **state)
{
	struct store_place *place = *state;

	send_days(place, 1);
	store_place_flush(place);
	store_place_run(place, "ALTER TABLE from_name RENAME TO hidden");
	run(place);
	store_place_run(place, "ALTER TABLE hidden RENAME TO from_name");
	g_autoptr(GPtrArray) looks = query_change_looks(store_place_view(place), 100, NULL);
	assert_int_equal(looks->len, 1);
	assert_string_equal(((struct change_look *)g_ptr_array_index(looks, 0))->domain, DOMAIN);
	run(place);
	assert_int_equal(n_looks(place), 0);
}

static void
nobody_is_looked_at_while_sources_wait_for_their_verdict(void **state)
{
	struct store_place *place = *state;
	static const char *const tables[] = { "unjudged", "unjudged_domain", "unjudged_sender" };

	send_days(place, 1);
	store_place_flush(place);
	for (gsize i = 0; i < G_N_ELEMENTS(tables); i++) {
		g_autofree char *mark = g_strdup_printf("INSERT INTO %s VALUES (1)", tables[i]);
		g_autofree char *unmark = g_strdup_printf("DELETE FROM %s", tables[i]);
		store_place_run(place, mark);
		run(place);
		assert_int_equal(n_looks(place), 2);
		store_place_run(place, unmark);
	}
}

static void
who_waits_longest_is_looked_at_first(void **state)
{
	struct store_place *place = *state;

	send_days(place, 1);
	store_place_flush(place);
	run(place);
	store_place_reopen(place, place->today + 1);
	/* Something came for all of them, who were looked at today. */
	store_place_run(place, "UPDATE change_look SET due = 1, looked_day = looked_day + 1 WHERE "
			       "domain_id = 0");
	g_autoptr(GPtrArray) looks = query_change_looks(store_place_view(place), 1, NULL);
	assert_int_equal(looks->len, 1);
	assert_string_equal(((struct change_look *)g_ptr_array_index(looks, 0))->domain, DOMAIN);
}

static struct change *
source_of(gint64 day, const char *ip, const char *network, gint64 n)
{
	const struct change change = { .kind = CHANGE_SOURCE_NEW,
				       .day = day,
				       .domain = DOMAIN,
				       .object = ip,
				       .is = network,
				       .class = CLASS_UNAUTHORIZED,
				       .numbers = { { n, 0 } } };

	return change_copy(&change);
}

static void
keep(struct store_place *place, struct change *change)
{
	g_autoptr(GPtrArray) looks = g_ptr_array_new();
	g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func(g_free);
	struct change_findings findings = { .looks = looks, .changes = changes };

	g_ptr_array_add(changes, change);
	assert_true(store_edit_changes(place->store, &findings, NULL));
	assert_int_equal(findings.n_new, 1);
}

static void
sources_of_one_network_are_one_line(void **state)
{
	struct store_place *place = *state;
	gint64 day = place->today - 1;
	const struct change_question question = { .limit = 100 };
	gint64 n;

	keep(place, source_of(day, "203.0.113.1", "AS64500", 5));
	keep(place, source_of(day, "203.0.113.2", "AS64500", 7));
	keep(place, source_of(day, "203.0.113.3", "AS64501", 5));
	keep(place, source_of(day - 1, "203.0.113.4", "AS64500", 5));
	g_autoptr(query_page_auto) page = list(place, 0);
	assert_int_equal(page->rows->len, 3);
	assert_true(query_change_count(store_place_view(place), &question, 0, &n, NULL));
	assert_int_equal(n, 3);
	for (guint i = 0; i < page->rows->len; i++) {
		const struct query_change *row = g_ptr_array_index(page->rows, i);
		if (row->change->kind != CHANGE_NETWORK_NEW)
			continue;
		assert_int_equal(i < 2, TRUE);
		assert_string_equal(row->change->object, "AS64500");
		assert_int_equal(row->change->numbers[0].n, 12);
		assert_int_equal(row->change->numbers[1].n, 2);
		/* Mute all of it. */
		const struct change_mute mute = { row->key, TRUE, "ada" };
		assert_true(store_edit_change_mute(place->store, &mute, NULL));
	}
	g_autoptr(query_page_auto) after = list(place, 0);
	assert_string_equal(only(after)->change->object, "203.0.113.3");
	assert_true(query_change_count(store_place_view(place), &question, 0, &n, NULL));
	assert_int_equal(n, 1);
}

static void
what_is_muted_comes_back_when_it_is_unmuted(void **state)
{
	struct store_place *place = *state;
	g_autoptr(GError) error = NULL;

	keep(place, source_of(place->today - 1, "203.0.113.1", "", 5));
	g_autoptr(query_page_auto) page = list(place, 0);
	const struct change_mute mute = { only(page)->key, FALSE, "ada" };
	const struct change_mute network = { only(page)->key, TRUE, "ada" };
	assert_true(store_edit_change_mute(place->store, &mute, NULL));
	assert_true(store_edit_change_mute(place->store, &mute, NULL));
	g_autoptr(query_page_auto) none = list(place, 0);
	assert_int_equal(none->rows->len, 0);
	g_autoptr(GPtrArray) mutes = query_change_mutes(store_place_view(place), NULL);
	assert_int_equal(mutes->len, 1);
	const struct query_change_mute *row = g_ptr_array_index(mutes, 0);
	assert_string_equal(row->author, "ada");
	assert_string_equal(row->change->object, "203.0.113.1");
	assert_true(store_edit_change_unmute(place->store, row->key, NULL));
	g_autoptr(query_page_auto) again = list(place, 0);
	assert_int_equal(again->rows->len, 1);
	assert_false(store_edit_change_unmute(place->store, row->key, &error));
	assert_int_equal(error->code, DMARCD_ERROR_INVALID);
	assert_false(store_edit_change_mute(place->store, &network, NULL));
}

static void
a_long_list_has_pages(void **state)
{
	struct store_place *place = *state;
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autofree char *after = NULL;

	for (guint i = 0; i < 25; i++) {
		g_autofree char *ip = g_strdup_printf("203.0.113.%u", i);
		keep(place, source_of(place->today - 1 - i / 7, ip, "", 5));
	}
	do {
		const struct change_question question = { .after = after, .limit = 4 };
		g_autoptr(query_page_auto) page =
			query_changes(store_place_view(place), &question, NULL);
		assert_non_null(page);
		for (guint i = 0; i < page->rows->len; i++) {
			const struct query_change *row = g_ptr_array_index(page->rows, i);
			assert_true(g_hash_table_add(seen, g_strdup(row->key)));
		}
		g_free(after);
		after = g_steal_pointer(&page->next);
	} while (after);
	assert_int_equal(g_hash_table_size(seen), 25);
	const struct change_question wrong = { .after = "x", .limit = 4 };
	assert_null(query_changes(store_place_view(place), &wrong, NULL));
}

static void
a_visit_is_remembered_for_each_user(void **state)
{
	struct store_place *place = *state;
	gint64 at;

	assert_true(store_edit_change_visit(place->store, "ada", NULL));
	assert_true(query_change_visit(store_place_view(place), "ada", &at, NULL));
	assert_int_equal(at, place->today * DAY_S + DAY_S / 2);
	assert_true(query_change_visit(store_place_view(place), "bob", &at, NULL));
	assert_int_equal(at, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, store_place_open, store_place_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_source_is_told_once),
		TEST(a_domain_is_looked_at_when_something_came_and_once_a_day),
		TEST(what_came_while_it_was_looked_at_makes_it_due_again),
		TEST(a_domain_that_cannot_be_read_stays_due),
		TEST(nobody_is_looked_at_while_sources_wait_for_their_verdict),
		TEST(who_waits_longest_is_looked_at_first),
		TEST(sources_of_one_network_are_one_line),
		TEST(what_is_muted_comes_back_when_it_is_unmuted),
		TEST(a_long_list_has_pages),
		TEST(a_visit_is_remembered_for_each_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
