/* SPDX-License-Identifier: MIT */
/* Rules of users: they label what they match, give it back when they end, and do what was said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/rule_words.h"
#include "core/error.h"
#include "store/rules.h"
#include "tests/support/store_place.h"
#include "tests/support/store_random.h"

#define REPORTS 120

/* --- Rules --- */

static struct rule_draft
make_draft(GStringChunk *texts, const char *kind, const char *match, const char *class,
	   const char *domain)
{
	const struct rule_words words = {
		.kind = kind, .match = match, .class = class, .domain = domain
	};
	struct rule_draft draft = { .note = "seen in a test" };
	g_autoptr(GError) error = NULL;

	if (!rule_words_read(&draft.rule, &words, texts, &error))
		fail_msg("%s", error->message);
	return draft;
}

static gint64
apply(struct store_place *place, const struct rule_change *change)
{
	gint64 id = 0;
	g_autoptr(GError) error = NULL;

	if (!store_edit_rules(place->store, change, "sato", &id, &error))
		fail_msg("%s", error->message);
	return id;
}

static gint64
add(struct store_place *place, const char *kind, const char *match, const char *class,
    const char *domain)
{
	GStringChunk *texts = g_string_chunk_new(256);
	const struct rule_draft draft = make_draft(texts, kind, match, class, domain);
	gint64 id = apply(place, &(struct rule_change){ .adds = &draft, .n_adds = 1 });

	g_string_chunk_free(texts);
	return id;
}

static void
end(struct store_place *place, gint64 id)
{
	apply(place, &(struct rule_change){ .ends = id });
}

static struct rule_draft
random_draft(GRand *rand, GStringChunk *texts)
{
	static const char *const matches[][2] = {
		{ "ip", "192.0.2.1" },
		{ "ip", "8.8.2.8" },
		{ "cidr", "192.0.2.0/28" },
		{ "cidr", "8.8.0.0/16" },
		{ "cidr", "2001:db8:1::/64" },
		{ "cidr", "8.8.0.0/20" },
		{ "cidr", "0.0.0.0/0" },
		{ "selector", "s1._domainkey.shop.example" },
		{ "selector", "sender.example" },
		{ "spf", "sender.example" },
		{ "spf", "shop.example" },
		{ "sender", "sender.example" },
		{ "asn", "as64500" },
	};
	static const char *const classes[] = { "mine", "mine-fix", "forwarder", "ignore", "spoof" };
	static const char *const domains[] = { NULL, NULL, "shop.example", "bank.example",
					       "nowhere.example" };
	gint m = g_rand_int_range(rand, 0, G_N_ELEMENTS(matches));

	return make_draft(texts, matches[m][0], matches[m][1],
			  classes[g_rand_int_range(rand, 0, G_N_ELEMENTS(classes))],
			  domains[g_rand_int_range(rand, 0, G_N_ELEMENTS(domains))]);
}

/* --- Reports --- */

static void
send_range(struct store_place *place, guint32 first, guint32 n)
{
	struct outcomes outcomes = { { 0 } };

	for (guint32 i = first; i < first + n; i++)
		store_place_send(place, random_document(i, place->today), &outcomes);
	store_place_flush(place);
}

static void
send_one(struct store_place *place, const char *ip, gint64 count, gint64 day)
{
	static guint number;
	g_autofree char *id = g_strdup_printf("one-%u", number++);

	store_place_submit(place,
			   make_document(&(struct make_report){ .day = day, .report_id = id },
					 &(struct make_record){ .ip = ip,
								.count = count,
								.dkim = ALIGNED_FAIL,
								.spf = ALIGNED_FAIL }));
}

static gint64
class_of(struct store_place *place, const char *ip)
{
	char sql[300];
	struct ip address;
	GString *hex = g_string_new(NULL);

	assert_true(ip_parse(ip, &address));
	for (gsize i = 0; i < sizeof(address.bytes); i++)
		g_string_append_printf(hex, "%02x", address.bytes[i]);
	g_snprintf(sql, sizeof(sql),
		   "SELECT class FROM source s JOIN address a ON a.id = s.address_id WHERE a.ip = "
		   "x'%s'",
		   hex->str);
	g_string_free(hex, TRUE);
	return store_place_number(place, sql);
}

/* --- Tests --- */

static void
a_rule_labels_what_it_matches_and_an_end_gives_it_back(void **state)
{
	struct store_place *place = *state;

	send_one(place, "203.0.113.5", 7, place->today);
	send_one(place, "203.0.114.5", 7, place->today);
	assert_int_equal(class_of(place, "203.0.113.5"), CLASS_REVIEW);
	gint64 id = add(place, "cidr", "203.0.113.0/24", "forwarder", "");
	assert_int_equal(class_of(place, "203.0.113.5"), CLASS_FORWARDER);
	assert_int_equal(class_of(place, "203.0.114.5"), CLASS_REVIEW);
	store_place_check(place);
	/* What comes later is labelled, too. */
	send_one(place, "203.0.113.6", 2, place->today);
	assert_int_equal(class_of(place, "203.0.113.6"), CLASS_FORWARDER);
	end(place, id);
	assert_int_equal(class_of(place, "203.0.113.5"), CLASS_REVIEW);
	assert_int_equal(class_of(place, "203.0.113.6"), CLASS_REVIEW);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM user_rule WHERE ended_by "
						   "= 'sato' AND ended_at > 0"),
			 1);
	store_place_check(place);
}

static void
a_rule_expires_at_the_beginning_of_its_day(void **state)
{
	struct store_place *place = *state;
	GStringChunk *texts = g_string_chunk_new(256);
	struct rule_draft draft = make_draft(texts, "ip", "203.0.113.5", "mine", "");

	send_one(place, "203.0.113.5", 7, place->today);
	draft.rule.expires_at = (place->today + 2) * DAY_S;
	apply(place, &(struct rule_change){ .adds = &draft, .n_adds = 1 });
	store_place_reopen(place, place->today + 1);
	assert_int_equal(class_of(place, "203.0.113.5"), CLASS_AUTHORIZED);
	/* Noticed a day late, it ended when it was to end. */
	store_place_reopen(place, place->today + 2);
	assert_int_equal(class_of(place, "203.0.113.5"), CLASS_REVIEW);
	assert_int_equal(store_place_number(place, "SELECT ended_at FROM user_rule"),
			 draft.rule.expires_at);
	assert_int_equal(store_place_number(place, "SELECT ended_by = '' FROM user_rule"), 1);
	g_string_chunk_free(texts);
}

static void
the_most_specific_rule_wins_and_the_preview_names_it(void **state)
{
	struct store_place *place = *state;
	GStringChunk *texts = g_string_chunk_new(256);
	const struct rule_draft wide = make_draft(texts, "cidr", "203.0.113.0/24", "spoof", "");
	const struct rule_change change = { .adds = &wide, .n_adds = 1 };
	g_auto(query_rule_preview_auto) preview = { 0 };
	g_autoptr(GError) error = NULL;

	send_one(place, "203.0.113.5", 7, place->today);
	send_one(place, "203.0.113.6", 3, place->today);
	gint64 near = add(place, "ip", "203.0.113.5", "mine", "");
	if (!query_rule_preview(store_place_view(place), &change, &preview, &error))
		fail_msg("%s", error->message);
	assert_int_equal(preview.labelled.sources, 1);
	assert_int_equal(preview.moves[CLASS_REVIEW][CLASS_UNAUTHORIZED].messages, 3);
	assert_int_equal(preview.rivals->len, 1);
	const struct rule_rival *rival = &g_array_index(preview.rivals, struct rule_rival, 0);
	assert_int_equal(rival->id, near);
	assert_int_equal(rival->share.sources, 1);
	assert_int_equal(rival->share.messages, 7);
	assert_false(preview.is_cut);
	apply(place, &change);
	assert_int_equal(class_of(place, "203.0.113.5"), CLASS_AUTHORIZED);
	assert_int_equal(class_of(place, "203.0.113.6"), CLASS_UNAUTHORIZED);
	g_string_chunk_free(texts);
}

/* The same rules in the same order, put between the reports at different places. */
static void
any_order_of_rules_and_reports_gives_the_same_tables(void **state)
{
	struct store_place *place = *state;
	g_autofree char *first = NULL;

	for (guint round = 0; round < 3; round++) {
		g_autoptr(GRand) rand = g_rand_new_with_seed(7);
		g_autoptr(GRand) order = g_rand_new_with_seed(round);
		GStringChunk *texts = g_string_chunk_new(1024);
		guint32 sent = 1;
		struct store_place *own = place;
		if (round > 0)
			store_place_open((void **)&own);
		for (guint i = 0; i < 10; i++) {
			guint32 n = round == 0 ? 0 : (guint32)g_rand_int_range(order, 0, 12);
			const struct rule_draft draft = random_draft(rand, texts);
			send_range(own, sent, n);
			sent += n;
			apply(own, &(struct rule_change){ .adds = &draft, .n_adds = 1 });
			if (i == 6)
				end(own, 3);
		}
		send_range(own, sent, REPORTS + 1 - sent);
		store_place_check(own);
		g_autofree char *dump = store_place_dump(own);
		if (!first)
			first = g_strdup(dump);
		assert_string_equal(first, dump);
		g_string_chunk_free(texts);
		if (round > 0)
			store_place_close((void **)&own);
	}
}

/* What a change did, seen from the tables: one source a line. */
struct counted {
	gint64 sources;
	gint64 messages;
};

static struct counted
count(struct store_place *place, gint64 first_id, gint64 ended)
{
	char sql[400];
	struct counted counted;

	g_snprintf(sql, sizeof(sql),
		   "SELECT count(*) FROM source WHERE abs(user_rule) >= %" G_GINT64_FORMAT
		   " OR abs(user_rule) = %" G_GINT64_FORMAT,
		   first_id, ended);
	counted.sources = store_place_number(place, sql);
	g_snprintf(sql, sizeof(sql),
		   "SELECT coalesce(sum(n_30d), 0) FROM source WHERE abs(user_rule) >= "
		   "%" G_GINT64_FORMAT " OR abs(user_rule) = %" G_GINT64_FORMAT,
		   first_id, ended);
	counted.messages = store_place_number(place, sql);
	return counted;
}

static gint64
sources_in(struct store_place *place, enum class class)
{
	char sql[100];

	g_snprintf(sql, sizeof(sql), "SELECT count(*) FROM source WHERE class = %d", (int)class);
	return store_place_number(place, sql);
}

/* Of every class: what it has then is what it had, with what came and without what went. */
static void
expect_moves(struct store_place *place, const struct query_rule_preview *preview,
	     const gint64 before[N_CLASSES])
{
	for (enum class c = CLASS_NONE; c < N_CLASSES; c++) {
		gint64 expected = before[c];
		for (enum class other = CLASS_NONE; other < N_CLASSES; other++)
			expected +=
				preview->moves[other][c].sources - preview->moves[c][other].sources;
		assert_int_equal(sources_in(place, c), expected);
	}
}

static void
the_preview_is_what_saving_does(void **state)
{
	struct store_place *place = *state;
	GStringChunk *texts = g_string_chunk_new(1024);
	g_autoptr(GRand) rand = g_rand_new_with_seed(11);
	gint64 next_id = 1;
	gint64 labelled = 0;

	for (guint i = 0; i < 60; i++) {
		const struct rule_draft drafts[] = { random_draft(rand, texts),
						     random_draft(rand, texts) };
		struct rule_change change = {
			.adds = drafts,
			.n_adds = (guint)g_rand_int_range(rand, 0, 3),
		};
		g_auto(query_rule_preview_auto) preview = { 0 };
		g_autoptr(GError) error = NULL;
		gint64 before[N_CLASSES];

		if (i % 3 == 0)
			send_range(place, 1 + i * 3, 9);
		if (next_id > 1 && g_rand_boolean(rand))
			change.ends = g_rand_int_range(rand, 1, (gint32)next_id);
		g_autofree char *unchanged = store_place_dump(place);
		if (!query_rule_preview(store_place_view(place), &change, &preview, &error)) {
			/* It ended before. */
			assert_true(g_error_matches(error, DMARCD_ERROR, DMARCD_ERROR_INVALID));
			continue;
		}
		g_autofree char *still = store_place_dump(place);
		assert_string_equal(unchanged, still);
		for (enum class c = CLASS_NONE; c < N_CLASSES; c++)
			before[c] = sources_in(place, c);
		const struct counted freed =
			count(place, G_MAXINT64, change.ends ? change.ends : -1);
		gint64 id = apply(place, &change);
		expect_moves(place, &preview, before);
		const struct counted got = count(place, change.n_adds ? id : G_MAXINT64, -1);
		assert_in_range(preview.labelled.sources, MAX(got.sources, freed.sources),
				got.sources + freed.sources);
		assert_in_range(preview.labelled.messages, MAX(got.messages, freed.messages),
				got.messages + freed.messages);
		if (change.ends == 0)
			assert_int_equal(preview.labelled.messages, got.messages);
		labelled += got.sources;
		if (change.n_adds > 0)
			assert_int_equal(id, next_id);
		next_id += change.n_adds;
	}
	/* Or nothing was tried. */
	assert_in_range(labelled, 100, G_MAXINT);
	store_place_check(place);
	g_string_chunk_free(texts);
}

static void
rules_are_listed_newest_first_with_what_they_hit(void **state)
{
	struct store_place *place = *state;
	struct store_view *view = store_place_view(place);
	g_autoptr(GError) error = NULL;

	send_one(place, "203.0.113.5", 7, place->today);
	send_one(place, "203.0.113.6", 5, place->today - 40);
	gint64 net = add(place, "cidr", "203.0.113.0/24", "ignore", "");
	gint64 gone = add(place, "ip", "192.0.2.1", "mine", "Shop.Example.");
	gint64 one = add(place, "ip", "192.0.2.2", "mine", "");
	end(place, gone);
	g_autoptr(query_page_auto) force =
		query_rules(view, &(struct rule_question){ .limit = 1 }, &error);
	assert_int_equal(force->rows->len, 1);
	assert_int_equal(((struct query_rule *)g_ptr_array_index(force->rows, 0))->id, one);
	g_autoptr(query_page_auto) rest = query_rules(
		view, &(struct rule_question){ .limit = 1, .after = force->next }, &error);
	const struct query_rule *last = g_ptr_array_index(rest->rows, 0);
	assert_null(rest->next);
	assert_int_equal(last->id, net);
	assert_int_equal(last->sources, 1);
	assert_int_equal(last->messages, 7);
	assert_string_equal(last->note, "seen in a test");
	g_autoptr(query_page_auto) all = query_rules(
		view, &(struct rule_question){ .limit = 9, .want_ended = TRUE }, &error);
	assert_int_equal(all->rows->len, 3);
	g_autoptr(query_rule_auto) ended = query_rule(view, gone, &error);
	assert_string_equal(ended->domain, "shop.example");
	assert_string_equal(ended->ended_by, "sato");
	assert_string_equal(ended->author, "sato");
	assert_true(ended->ended_at > 0);
	assert_null(query_rule(view, 99, &error));
	assert_null(error);
}

static void
expect_refused(struct store_place *place, const struct rule_change *change, int code,
	       const char *part)
{
	g_autoptr(GError) error = NULL;

	assert_false(store_edit_rules(place->store, change, "sato", NULL, &error));
	assert_int_equal(error->code, code);
	if (!strstr(error->message, part))
		fail_msg("\"%s\" is not in \"%s\"", part, error->message);
}

static void
what_is_too_much_or_makes_no_sense_is_refused_by_name(void **state)
{
	struct store_place *place = *state;
	GStringChunk *texts = g_string_chunk_new(256);
	struct rule_draft drafts[RULES_AT_ONCE_MAX + 1];
	struct rule_change change = { .adds = drafts, .n_adds = 1 };
	g_autofree char *long_note = g_strnfill(RULE_NOTE_MAX_BYTES + 1, 'n');

	for (guint i = 0; i < G_N_ELEMENTS(drafts); i++)
		drafts[i] = make_draft(texts, "ip", "192.0.2.1", "mine", "");
	drafts[0].note = long_note;
	expect_refused(place, &change, DMARCD_ERROR_LIMIT, "max_rule_note_bytes (500)");
	drafts[0].note = "two\nlines";
	expect_refused(place, &change, DMARCD_ERROR_INVALID, "note");
	drafts[0].note = "";
	drafts[0].rule.expires_at = place->today * DAY_S;
	expect_refused(place, &change, DMARCD_ERROR_INVALID, "after today");
	drafts[0].rule.expires_at = (place->today + 1) * DAY_S + 5;
	expect_refused(place, &change, DMARCD_ERROR_INVALID, "after today");
	drafts[0].rule.expires_at = 0;
	expect_refused(place, &(struct rule_change){ .ends = 1 }, DMARCD_ERROR_INVALID,
		       "no rule of number 1");
	change.n_adds = RULES_AT_ONCE_MAX + 1;
	expect_refused(place, &change, DMARCD_ERROR_LIMIT, "max_rules_at_once (50)");
	change.n_adds = RULES_AT_ONCE_MAX;
	for (guint i = 0; i < RULES_MAX / RULES_AT_ONCE_MAX; i++)
		apply(place, &change);
	expect_refused(place, &change, DMARCD_ERROR_LIMIT, "max_rules (1000)");
	/* None of a refused change stays, and one for one goes. */
	change.n_adds = 1;
	change.ends = 4;
	apply(place, &change);
	assert_int_equal(
		store_place_number(place, "SELECT count(*) FROM user_rule WHERE ended_at = 0"),
		RULES_MAX);
	g_string_chunk_free(texts);
}

/* One source of each address, so many that no preview looks at all of them. */
static void
a_preview_of_very_many_says_at_least(void **state)
{
	struct store_place *place = *state;
	GStringChunk *texts = g_string_chunk_new(256);
	const struct rule_draft draft = make_draft(texts, "spf", "away.example", "mine", "");
	const struct rule_change change = { .adds = &draft, .n_adds = 1 };
	struct make *make = make_start(&(struct make_report){ .day = place->today });
	g_auto(query_rule_preview_auto) preview = { 0 };
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < RULE_PREVIEW_ADDRESSES_MAX + 5; i++) {
		g_autofree char *ip = g_strdup_printf("8.%u.%u.7", i >> 8, i & 255);
		make_record(make, &(struct make_record){ .ip = ip,
							 .count = 2,
							 .dkim = ALIGNED_FAIL,
							 .spf = ALIGNED_FAIL,
							 .auth = "spf pass away.example mfrom" });
	}
	store_place_submit(place, make_end(make));
	gint64 start = g_get_monotonic_time();
	if (!query_rule_preview(store_place_view(place), &change, &preview, &error))
		fail_msg("%s", error->message);
	gint64 middle = g_get_monotonic_time();
	assert_true(preview.is_cut);
	assert_int_equal(preview.labelled.sources, RULE_PREVIEW_ADDRESSES_MAX);
	apply(place, &change);
	print_message("preview %d ms, save %d ms\n", (int)((middle - start) / 1000),
		      (int)((g_get_monotonic_time() - middle) / 1000));
	assert_int_equal(sources_in(place, CLASS_AUTHORIZED), RULE_PREVIEW_ADDRESSES_MAX + 5);
	g_string_chunk_free(texts);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, store_place_open, store_place_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_rule_labels_what_it_matches_and_an_end_gives_it_back),
		TEST(a_rule_expires_at_the_beginning_of_its_day),
		TEST(the_most_specific_rule_wins_and_the_preview_names_it),
		TEST(any_order_of_rules_and_reports_gives_the_same_tables),
		TEST(the_preview_is_what_saving_does),
		TEST(rules_are_listed_newest_first_with_what_they_hit),
		TEST(what_is_too_much_or_makes_no_sense_is_refused_by_name),
		TEST(a_preview_of_very_many_says_at_least),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
