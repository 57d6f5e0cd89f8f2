/* SPDX-License-Identifier: MIT */
/* Lists of sources: their order, and that reading them in pieces leaves nothing out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/support/store_place.h"
#include "tests/support/store_random.h"

#define REPORTS 200
#define PIECE   7

static int
open_filled(void **state)
{
	struct outcomes outcomes = { { 0 } };

	store_place_open(state);
	struct store_place *place = *state;
	for (guint32 i = 1; i <= REPORTS; i++)
		store_place_send(place, random_document(i, place->today), &outcomes);
	store_place_flush(place);
	return 0;
}

/* Does a stand before b, in a list of class review? */
static gboolean
is_in_order(const struct query_source *a, const struct query_source *b)
{
	if (a->verdict.score != b->verdict.score)
		return a->verdict.score > b->verdict.score;
	return a->totals.messages >= b->totals.messages;
}

/* Reads the whole list in pieces; the number of its rows. */
static guint
read_review(struct store_place *place, const struct scope *scope)
{
	g_autoptr(GPtrArray) pages =
		g_ptr_array_new_with_free_func((GDestroyNotify)query_page_free);
	const struct query_source *before = NULL;
	guint n = 0;
	const char *after = NULL;

	do {
		const struct source_question question = {
			.scope = *scope, .class = CLASS_REVIEW, .after = after, .limit = PIECE
		};
		struct query_page *page = query_sources(store_place_view(place), &question, NULL);
		assert_non_null(page);
		g_ptr_array_add(pages, page);
		for (guint i = 0; i < page->rows->len; i++) {
			const struct query_source *source = g_ptr_array_index(page->rows, i);
			assert_int_equal(source->class, CLASS_REVIEW);
			assert_true(!before || is_in_order(before, source));
			before = source;
			n++;
		}
		after = page->next;
	} while (after);
	return n;
}

static void
what_is_to_be_reviewed_comes_by_score_then_by_messages(void **state)
{
	struct store_place *place = *state;
	static const char *const counts[N_WINDOWS] = {
		"SELECT count(*) FROM source WHERE class = 2 AND address_id > 0 AND n_7d > 0",
		"SELECT count(*) FROM source WHERE class = 2 AND address_id > 0 AND n_30d > 0",
		"SELECT count(*) FROM source WHERE class = 2 AND address_id > 0 AND n_90d > 0",
		"SELECT count(*) FROM source WHERE class = 2 AND address_id > 0 AND n_all > 0",
	};

	assert_true(store_place_number(place, counts[WINDOW_ALL]) > 3 * PIECE);
	assert_true(store_place_number(place, "SELECT count(DISTINCT score) FROM source WHERE "
					      "class = 2") > 1);
	for (enum window w = WINDOW_7D; w < N_WINDOWS; w++) {
		const struct scope scope = { NULL, w };
		assert_int_equal(read_review(place, &scope), store_place_number(place, counts[w]));
	}
}

static void
so_it_does_for_each_domain(void **state)
{
	struct store_place *place = *state;
	const struct scope all = { NULL, WINDOW_ALL };
	g_autoptr(query_page_auto) domains =
		query_domains(store_place_view(place), &all, NULL, 1000, NULL);
	guint n = 0;

	assert_non_null(domains);
	for (guint i = 0; i < domains->rows->len; i++) {
		const struct query_domain *domain = g_ptr_array_index(domains->rows, i);
		const struct scope scope = { domain->domain, WINDOW_ALL };
		guint n_here = read_review(place, &scope);
		assert_int_equal(n_here, domain->sources[CLASS_REVIEW]);
		n += n_here;
	}
	assert_int_equal(n, read_review(place, &all));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_to_be_reviewed_comes_by_score_then_by_messages),
		cmocka_unit_test(so_it_does_for_each_domain),
	};

	return cmocka_run_group_tests(tests, open_filled, store_place_close);
}
