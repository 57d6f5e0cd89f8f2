/* SPDX-License-Identifier: MIT */
/* Tallies: exact sums in any order, and a ceiling that no flood of names passes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/alignment.h"
#include "core/facts.h"
#include "store/source_facts.h"
#include "store/tally.h"

#define N_KEYS 5000

static gint64
messages_of(const GArray *tally, enum tally_kind kind, guint32 key)
{
	for (guint i = 0; i < tally->len; i++) {
		const struct tally_item *item = &g_array_index(tally, struct tally_item, i);
		if (tally_kind(item) == kind && tally_key(item) == key)
			return item->n;
	}
	return 0;
}

static void
expect_equal(const GArray *one, const GArray *other)
{
	assert_int_equal(one->len, other->len);
	assert_memory_equal(one->data, other->data, one->len * sizeof(struct tally_item));
}

/* Each key in each of the parts of a tally, in any order; parts are merged in any order, too. */
static GArray *
merge_shuffled(GRand *random, guint n_parts)
{
	GArray *tally = tally_new();
	g_autofree guint32 *keys = g_new(guint32, N_KEYS);

	for (guint i = 0; i < N_KEYS; i++) {
		guint at = (guint)g_rand_int_range(random, 0, (gint32)i + 1);
		keys[i] = keys[at];
		keys[at] = i + 1;
	}
	for (guint p = 0; p < n_parts; p++) {
		g_autoptr(GArray) part = tally_new();
		for (guint i = 0; i < N_KEYS; i++)
			tally_add(part, TALLY_SIGNED, keys[i], keys[i] % 7 + 1);
		tally_add(part, TALLY_NEUTRAL, 0, 3);
		tally_merge(tally, part);
	}
	return tally;
}

static void
what_stays_of_too_many_keys_is_exact_in_any_order(void **state)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(1);
	g_autoptr(GArray) tally = merge_shuffled(random, 3);

	(void)state;
	assert_int_equal(tally->len, TALLY_ITEMS_MAX);
	assert_int_equal(messages_of(tally, TALLY_NEUTRAL, 0), 9);
	for (guint32 key = 1; key < TALLY_ITEMS_MAX; key++)
		assert_int_equal(messages_of(tally, TALLY_SIGNED, key), 3 * (key % 7 + 1));
	for (guint i = 0; i < 3; i++) {
		g_autoptr(GArray) again = merge_shuffled(random, 3);
		expect_equal(tally, again);
	}
}

static void
alignments_and_marks_stay_beside_any_flood(void **state)
{
	g_autoptr(GArray) tally = tally_new();

	(void)state;
	for (guint32 key = 1; key < N_KEYS; key++)
		for (enum tally_kind kind = TALLY_VIA; kind <= TALLY_BROKEN_COUNTED; kind++)
			tally_add(tally, kind, key, 1);
	for (guint32 key = 1; key < N_ALIGNMENTS; key++)
		tally_add(tally, TALLY_ALIGNMENT, key, key);
	for (enum tally_kind kind = TALLY_NEUTRAL; kind <= TALLY_TMP; kind++)
		tally_add(tally, kind, 0, 5);
	assert_int_equal(tally->len, TALLY_ITEMS_MAX);
	for (guint32 key = 1; key < N_ALIGNMENTS; key++)
		assert_int_equal(messages_of(tally, TALLY_ALIGNMENT, key), key);
	for (enum tally_kind kind = TALLY_NEUTRAL; kind <= TALLY_TMP; kind++)
		assert_int_equal(messages_of(tally, kind, 0), 5);
}

static void
what_is_taken_away_leaves_nothing(void **state)
{
	g_autoptr(GArray) tally = tally_new();
	g_autoptr(GArray) less = tally_new();

	(void)state;
	tally_add(tally, TALLY_ALIGNMENT, 3, 8);
	tally_add(tally, TALLY_ALIGNMENT, 5, 2);
	tally_add(less, TALLY_ALIGNMENT, 3, -8);
	tally_add(less, TALLY_ALIGNMENT, 9, 0);
	tally_merge(tally, less);
	assert_int_equal(tally->len, 1);
	assert_int_equal(messages_of(tally, TALLY_ALIGNMENT, 5), 2);
}

static void
bytes_that_do_not_ascend_are_damaged(void **state)
{
	g_autoptr(GArray) tally = tally_new();
	g_autoptr(GArray) again = tally_new();
	g_autoptr(GByteArray) bytes = g_byte_array_new();

	(void)state;
	tally_add(tally, TALLY_VIA, 4, 1000);
	tally_add(tally, TALLY_BARE, 0, 1);
	tally_pack(bytes, tally);
	assert_true(tally_unpack(again, bytes->data, bytes->len));
	expect_equal(tally, again);
	assert_false(tally_unpack(again, bytes->data, bytes->len - 1));
	tally_pack(bytes, tally);
	assert_false(tally_unpack(again, bytes->data, bytes->len));
}

/* Broken signatures of counted reports are counted twice over; lists come from all days. */
static void
facts_sum_the_lists_of_all_days(void **state)
{
	g_autoptr(source_days_auto) days = source_days_new();
	g_autoptr(GArray) tally = tally_new();
	struct source_facts facts;

	(void)state;
	tally_add(tally, TALLY_NEUTRAL, 0, 2);
	tally_add(tally, TALLY_BROKEN, 7, 4);
	tally_add(tally, TALLY_VIA, 7, 1);
	for (guint32 i = 0; i < 4; i++) {
		struct source_day day = { .domain = 1, .day = i, .voice = i % 2 };
		day.tally_at = days->tallies->len;
		tally_pack(days->tallies, tally);
		day.tally_len = days->tallies->len - day.tally_at;
		g_array_append_val(days->rows, day);
	}
	source_facts_init(&facts);
	const struct source_slice slice = { days, 0, 4 };
	assert_true(source_facts_make(&facts, &slice, 1, 3));
	assert_int_equal(facts.figures[SIDE_ALL].neutral, 6);
	assert_int_equal(facts.figures[SIDE_COUNTED].neutral, 4);
	assert_int_equal(facts.lists->len, 3);
	assert_int_equal(messages_of(facts.lists, TALLY_VIA, 7), 3);
	assert_int_equal(messages_of(facts.lists, TALLY_BROKEN, 7), 12);
	assert_int_equal(messages_of(facts.lists, TALLY_BROKEN_COUNTED, 7), 8);
	source_facts_clear(&facts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_stays_of_too_many_keys_is_exact_in_any_order),
		cmocka_unit_test(alignments_and_marks_stay_beside_any_flood),
		cmocka_unit_test(what_is_taken_away_leaves_nothing),
		cmocka_unit_test(bytes_that_do_not_ascend_are_damaged),
		cmocka_unit_test(facts_sum_the_lists_of_all_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
