/* SPDX-License-Identifier: MIT */
/* Lists of sources: their order, and that reading them in pieces leaves nothing out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "store/query_groups.h"
#include "tests/support/store_place.h"
#include "tests/support/store_random.h"

#define REPORTS 200
#define PIECE   4

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
	assert_true(store_place_number(place, "SELECT count(*) FROM source WHERE class = 3") > 0);
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

static void
by_messages_no_class_and_no_score_stands_before_more_mail(void **state)
{
	struct store_place *place = *state;
	g_autoptr(GPtrArray) pages =
		g_ptr_array_new_with_free_func((GDestroyNotify)query_page_free);
	const char *after = NULL;
	gint64 before = G_MAXINT64;
	guint n = 0;

	do {
		const struct source_question question = { .scope = { NULL, WINDOW_ALL },
							  .order = SOURCE_ORDER_MESSAGES,
							  .after = after,
							  .limit = PIECE };
		struct query_page *page = query_sources(store_place_view(place), &question, NULL);
		assert_non_null(page);
		g_ptr_array_add(pages, page);
		for (guint i = 0; i < page->rows->len; i++) {
			const struct query_source *source = g_ptr_array_index(page->rows, i);
			assert_true(source->totals.messages <= before);
			before = source->totals.messages;
			n++;
		}
		after = page->next;
	} while (after);
	assert_int_equal(n,
			 store_place_number(place, "SELECT count(*) FROM source WHERE "
						   "address_id > 0 AND n_all > 0 AND class > 0"));
}

/* --- Senders --- */

/* Sums of all senders of a scope, read in pieces. */
static void
sum_senders(struct store_place *place, const struct scope *scope,
	    struct query_group groups[N_CLASSES])
{
	g_autofree char *after = NULL;

	do {
		const struct senders_question question = { *scope, CLASS_NONE, after, PIECE };
		g_autoptr(query_page_auto) page =
			query_senders(store_place_view(place), &question, NULL);
		assert_non_null(page);
		for (guint i = 0; i < page->rows->len; i++) {
			const struct query_sender *sender = g_ptr_array_index(page->rows, i);
			struct query_group *group = &groups[sender->group.class];
			group->addresses += sender->group.addresses;
			totals_add(&group->totals, &sender->group.totals);
		}
		g_free(after);
		after = g_steal_pointer(&page->next);
	} while (after);
}

static void
senders_together_are_their_classes(void **state)
{
	struct store_place *place = *state;

	for (enum window w = WINDOW_7D; w < N_WINDOWS; w++) {
		const struct scope scope = { NULL, w };
		struct query_group groups[N_CLASSES] = { 0 };
		struct query_class_totals truth;
		sum_senders(place, &scope, groups);
		assert_true(query_class_totals(store_place_view(place), &scope, &truth, NULL));
		for (enum class c = CLASS_FIX; c < N_CLASSES; c++) {
			assert_int_equal(groups[c].totals.messages, truth.totals[c].messages);
			assert_int_equal(groups[c].totals.pass, truth.totals[c].pass);
			assert_int_equal(groups[c].totals.rejected, truth.totals[c].rejected);
		}
	}
}

/* An address counts once for a sender and a class, whatever the number of its domains. */
static void
a_sender_counts_its_addresses(void **state)
{
	struct store_place *place = *state;
	const struct senders_question question = { { NULL, WINDOW_ALL }, CLASS_NONE, NULL, 1000 };
	g_autoptr(query_page_auto) page = query_senders(store_place_view(place), &question, NULL);
	gint64 sum = 0;

	assert_non_null(page);
	assert_true(page->rows->len > PIECE);
	for (guint i = 0; i < page->rows->len; i++)
		sum += ((const struct query_sender *)g_ptr_array_index(page->rows, i))
			       ->group.addresses;
	assert_int_equal(
		sum, store_place_number(place, "SELECT count(*) FROM (SELECT DISTINCT address_id, "
					       "class, sender FROM source WHERE address_id > 0 AND "
					       "n_all > 0 AND class > 0)"));
}

static void
a_sender_lists_all_its_sources(void **state)
{
	struct store_place *place = *state;
	const struct scope scope = { NULL, WINDOW_ALL };
	const struct senders_question question = { scope, CLASS_NONE, NULL, 1000 };
	g_autoptr(query_page_auto) page = query_senders(store_place_view(place), &question, NULL);
	guint n = 0;
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	assert_non_null(page);
	for (guint i = 0; i < page->rows->len; i++) {
		struct query_sender *sender = g_ptr_array_index(page->rows, i);
		g_autofree char *after = NULL;
		if (!*sender->sender || !g_hash_table_add(seen, sender->sender))
			continue;
		do {
			g_autoptr(query_page_auto) sources =
				query_sender_sources(store_place_view(place), &scope,
						     sender->sender, after, PIECE, NULL);
			assert_non_null(sources);
			n += sources->rows->len;
			g_free(after);
			after = g_steal_pointer(&sources->next);
		} while (after);
	}
	assert_int_equal(n, store_place_number(place, "SELECT count(*) FROM source WHERE sender > "
						      "1 AND n_all > 0 AND address_id > 0"));
}

/* --- Networks --- */

static void
a_network_is_the_sum_of_its_sources(void **state)
{
	struct store_place *place = *state;
	const struct scope scope = { NULL, WINDOW_ALL };
	gint64 messages = 0;

	for (enum class c = CLASS_FIX; c < N_CLASSES; c++) {
		g_autoptr(query_networks_auto) networks = query_networks(
			store_place_view(place), &scope, NETWORK_BY_PREFIX, c, 100000, NULL);
		assert_non_null(networks);
		assert_false(networks->is_cut);
		for (guint i = 0; i < networks->rows->len; i++) {
			const struct query_network *network =
				&g_array_index(networks->rows, struct query_network, i);
			g_autoptr(query_network_detail_auto) detail = query_network(
				store_place_view(place), &scope, &network->first, 100000, NULL);
			assert_non_null(detail);
			assert_int_equal(detail->groups[c].totals.messages, network->messages);
			assert_int_equal(detail->groups[c].addresses, network->addresses);
			messages += network->messages;
		}
	}
	assert_int_equal(messages, store_place_number(place, "SELECT sum(n_all) FROM source WHERE "
							     "address_id > 0 AND class > 0"));
}

/* --- Networks by AS --- */

#define AS_BIG   64500
#define AS_SMALL 64501

/* Every third address is in the one AS, every third in the other, of every third nothing is known.
 */
static void
know_places(struct store_place *place)
{
	store_place_run(place, "INSERT INTO address_place SELECT id, CASE id % 3 WHEN 1 THEN 64500 "
			       "ELSE 64501 END, 1, '' FROM address WHERE id > 0 AND id % 3 > 0");
}

static void
check_as(struct store_place *place, const struct query_network *network, enum class class)
{
	const struct scope scope = { NULL, WINDOW_ALL };
	g_autoptr(query_network_detail_auto) detail =
		query_as(store_place_view(place), &scope, network->asn, 100000, NULL);

	assert_non_null(detail);
	assert_false(detail->is_cut);
	assert_int_equal(detail->groups[class].totals.messages, network->messages);
	assert_int_equal(detail->groups[class].addresses, network->addresses);
	for (guint i = 1; i < detail->sources->len; i++) {
		const struct query_source *before = g_ptr_array_index(detail->sources, i - 1);
		const struct query_source *source = g_ptr_array_index(detail->sources, i);
		assert_true(before->totals.messages >= source->totals.messages);
	}
}

static void
an_as_is_the_sum_of_its_sources_and_none_is_left_out(void **state)
{
	struct store_place *place = *state;
	const struct scope scope = { NULL, WINDOW_ALL };
	gint64 messages[3] = { 0 };

	know_places(place);
	for (enum class c = CLASS_FIX; c < N_CLASSES; c++) {
		g_autoptr(query_networks_auto) networks = query_networks(
			store_place_view(place), &scope, NETWORK_BY_AS, c, 100000, NULL);
		assert_non_null(networks);
		assert_true(networks->rows->len <= 3);
		for (guint i = 0; i < networks->rows->len; i++) {
			const struct query_network *network =
				&g_array_index(networks->rows, struct query_network, i);
			messages[network->asn == 0 ? 0 : network->asn - AS_BIG + 1] +=
				network->messages;
			if (network->asn != 0)
				check_as(place, network, c);
		}
	}
	assert_int_equal(messages[0],
			 store_place_number(place, "SELECT sum(n_all) FROM source WHERE address_id "
						   "% 3 = 0 AND address_id > 0 AND class > 0"));
	assert_int_equal(messages[1],
			 store_place_number(place, "SELECT sum(n_all) FROM source WHERE "
						   "address_id % 3 = 1 AND class > 0"));
	assert_int_equal(messages[2],
			 store_place_number(place, "SELECT sum(n_all) FROM source WHERE "
						   "address_id % 3 = 2 AND class > 0"));
}

static void
of_an_as_with_too_many_sources_those_with_most_messages_are_read(void **state)
{
	const struct scope scope = { NULL, WINDOW_ALL };
	struct store_view *view = store_place_view(*state);
	g_autoptr(query_network_detail_auto) detail = query_as(view, &scope, AS_SMALL, 1, NULL);
	g_autoptr(GError) error = NULL;

	assert_non_null(detail);
	assert_true(detail->is_cut);
	assert_int_equal(detail->sources->len, 1);
	const struct query_source *source = g_ptr_array_index(detail->sources, 0);
	assert_int_equal(source->totals.messages,
			 store_place_number(*state, "SELECT max(n_all) FROM source WHERE "
						    "address_id % 3 = 2 AND class > 0"));
	assert_null(query_as(view, &scope, AS_SMALL + 1, 1, &error));
	assert_null(error);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_to_be_reviewed_comes_by_score_then_by_messages),
		cmocka_unit_test(so_it_does_for_each_domain),
		cmocka_unit_test(by_messages_no_class_and_no_score_stands_before_more_mail),
		cmocka_unit_test(senders_together_are_their_classes),
		cmocka_unit_test(a_sender_counts_its_addresses),
		cmocka_unit_test(a_sender_lists_all_its_sources),
		cmocka_unit_test(a_network_is_the_sum_of_its_sources),
		cmocka_unit_test(an_as_is_the_sum_of_its_sources_and_none_is_left_out),
		cmocka_unit_test(of_an_as_with_too_many_sources_those_with_most_messages_are_read),
	};

	return cmocka_run_group_tests(tests, open_filled, store_place_close);
}
