/* SPDX-License-Identifier: MIT */
/* What is kept for readiness against the records of 5,000 reports, under every policy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <gio/gio.h>

#include "analysis/simulate.h"
#include "core/text.h"
#include "store/query_readiness.h"
#include "tests/support/policy_truth.h"
#include "tests/support/store_place.h"
#include "tests/support/store_random.h"

#define N_REPORTS  5000
#define N_HOSTS    24
#define N_DAYS     45 /* the last 30 of them count */
#define LAST_DAY   PLACE_TODAY
#define REVIEW_MIN 10

#define PICK(rand, array) (array)[g_rand_int_range(rand, 0, G_N_ELEMENTS(array))]

static const struct readiness_question all_senders = {
	.domain = TRUTH_DOMAIN,
	.senders = 1000,
	.count_max = 1000,
	.review_messages = REVIEW_MIN,
};

/* --- Reports --- */

static const char *const froms[] = {
	TRUTH_DOMAIN, TRUTH_DOMAIN, TRUTH_DOMAIN, "news." TRUTH_DOMAIN, "ghost." TRUTH_DOMAIN,
};
static const char *const results[] = {
	"dkim pass " TRUTH_DOMAIN " s1",        "dkim pass news." TRUTH_DOMAIN " s2",
	"dkim fail " TRUTH_DOMAIN " s1",        "dkim pass notown.example e1",
	"spf pass " TRUTH_DOMAIN " mfrom",      "spf pass bounce." TRUTH_DOMAIN,
	"spf pass ghost." TRUTH_DOMAIN " helo", "spf softfail " TRUTH_DOMAIN " mfrom",
	"spf pass esp.example mfrom",
};

/* Every fifth host has a key and no name; the next is one of a service. */
static char *
random_auth(GRand *rand, gint host)
{
	GString *text = g_string_new(NULL);
	gint n = g_rand_int_range(rand, 0, 4);

	if (host % 5 == 0)
		g_string_append_printf(text, "dkim pass " TRUTH_DOMAIN " h%d; ", host);
	if (host % 5 == 1)
		g_string_append_printf(text, "dkim pass service%d.example s; ", host % 10);
	for (gint i = 0; host % 5 != 0 && i < n; i++)
		g_string_append_printf(text, "%s; ", PICK(rand, results));
	g_string_truncate(text, text->len > 0 ? text->len - 2 : 0);
	return g_string_free(text, FALSE);
}

/* Every fourth host only ever fails, the next passes mostly, the others half of the time. */
static enum aligned
random_aligned(GRand *rand, gint host)
{
	if (host % 4 == 0)
		return ALIGNED_FAIL;
	if (host % 4 == 1)
		return g_rand_int_range(rand, 0, 50) ? ALIGNED_PASS : ALIGNED_FAIL;
	return (enum aligned)g_rand_int_range(rand, 0, N_ALIGNED);
}

static void
add_record(GRand *rand, struct make *make)
{
	gint host = g_rand_int_range(rand, 0, N_HOSTS);
	g_autofree char *ip = g_strdup_printf("192.0.2.%d", host + 1);
	g_autofree char *auth = random_auth(rand, host);
	const struct make_record record = {
		.ip = ip,
		.count = g_rand_int_range(rand, 1, 100),
		.dkim = random_aligned(rand, host),
		.spf = host % 5 == 0 ? ALIGNED_FAIL : random_aligned(rand, host),
		.header_from = PICK(rand, froms),
		.auth = host % 4 == 0 || !*auth ? NULL : auth,
		.reason = host == 4 ? "forwarded" : NULL,
	};

	make_record(make, &record);
}

static struct document *
random_report(GRand *rand, guint number)
{
	char id[16];
	char reporter[32];
	const struct make_report report = {
		.domain = TRUTH_DOMAIN,
		.reporter = reporter,
		.report_id = id,
		.p = "none",
		.day = LAST_DAY - (number == 0 ? 0 : g_rand_int_range(rand, 0, N_DAYS)),
	};

	g_snprintf(id, sizeof(id), "%u", number);
	g_snprintf(reporter, sizeof(reporter), "r%u.example", number % 7);
	struct make *make = make_start(&report);
	for (gint n = g_rand_int_range(rand, 1, 4); n > 0; n--)
		add_record(rand, make);
	return make_end(make);
}

/* --- The other way of reckoning --- */

struct world {
	struct store_place *place;
	GArray *of_host[N_HOSTS]; /* struct truth of the last 30 days */
	gint64 messages;
};

static void
note_truths(struct world *world, const struct report *report)
{
	if (report_day(report) <= LAST_DAY - 30)
		return;
	for (guint i = 0; i < report->records->len; i++) {
		const struct record *record = &g_array_index(report->records, struct record, i);
		struct truth truth = truth_read_record(report, record);
		g_array_append_val(world->of_host[record->source_ip.bytes[15] - 1], truth);
		world->messages += record->count;
	}
}

static int
open_world(void **state)
{
	struct world *world = g_new0(struct world, 1);
	struct outcomes outcomes = { { 0 } };
	g_autoptr(GRand) rand = g_rand_new_with_seed(9989);

	store_place_open((void **)&world->place);
	for (guint i = 0; i < N_HOSTS; i++)
		world->of_host[i] = g_array_new(FALSE, FALSE, sizeof(struct truth));
	for (guint i = 0; i < N_REPORTS; i++) {
		struct document *document = random_report(rand, i);
		note_truths(world, &document->report);
		store_place_send(world->place, document, &outcomes);
	}
	store_place_flush(world->place);
	*state = world;
	return outcomes.of[OUTCOME_STORED] == N_REPORTS ? 0 : -1;
}

static int
close_world(void **state)
{
	struct world *world = *state;

	for (guint i = 0; i < N_HOSTS; i++)
		g_array_unref(world->of_host[i]);
	store_place_close((void **)&world->place);
	g_free(world);
	return 0;
}

/* What the store says of a host, its class and sender: whose it is, is no question here. */
static struct query_source_detail *
ask_host(const struct world *world, guint host)
{
	const struct scope scope = { TRUTH_DOMAIN, WINDOW_30D };
	g_autofree char *text = g_strdup_printf("192.0.2.%u", host + 1);
	struct ip ip;

	ip_parse(text, &ip);
	return query_source(store_place_view(world->place), &scope, &ip, NULL);
}

/* Truths of the hosts of this class, and of this sender (NULL = all), records alike summed. */
static GArray *
truths_of(const struct world *world, enum class class, const struct readiness_sender_sum *sender)
{
	g_autoptr(GArray) truths = g_array_new(FALSE, FALSE, sizeof(struct truth));

	for (guint i = 0; i < N_HOSTS; i++) {
		struct query_source_detail *detail = ask_host(world, i);
		const struct query_source *source = g_ptr_array_index(detail->domains, 0);
		if (source->class == class &&
		    (!sender || (g_str_equal(source->sender, sender->sender) &&
				 (*sender->sender || ip_equal(&source->ip, &sender->ip)))))
			g_array_append_vals(truths, world->of_host[i]->data,
					    world->of_host[i]->len);
		query_source_detail_free(detail);
	}
	return truth_sum_kinds(truths);
}

/* --- Compared --- */

static struct query_readiness *
ask(struct store_place *place, const struct readiness_question *question)
{
	g_autoptr(GError) error = NULL;
	struct query_readiness *readiness =
		query_readiness(store_place_view(place), question, &error);

	if (error)
		fail_msg("%s", error->message);
	return readiness;
}

static void
compare(const GArray *counts, const GArray *truths, guint published_number, guint number)
{
	struct simulate_policy published = truth_policy(published_number);
	struct simulate_policy hypothesis = truth_policy(number);
	struct simulate_policy whole = truth_publish(hypothesis, &published);
	struct asked before = truth_read_policy(&published);
	struct asked now = truth_read_policy(&whole);
	struct simulation want = truth_reckon(truths, &before, &now, FALSE);
	struct simulation got =
		simulate(&published, &hypothesis,
			 (const struct alignment_count *)(gpointer)counts->data, counts->len);

	if (memcmp(&want, &got, sizeof(want)) != 0)
		fail_msg("policy %u, what if %u", published_number, number);
}

/* 37 and the number of policies have no divisor in common: published ones of every kind. */
static void
compare_all(const GArray *counts, const GArray *truths)
{
	for (guint i = 0; i < TRUTH_POLICIES; i++) {
		compare(counts, truths, i * 37 % TRUTH_POLICIES, i);
		compare(counts, truths, (i * 37 + 191) % TRUTH_POLICIES, i);
	}
}

static void
every_policy_does_to_each_class_what_it_does_to_its_records(void **state)
{
	const struct world *world = *state;
	g_autoptr(query_readiness_auto) readiness = ask(world->place, &all_senders);
	guint n_classes = 0;

	for (enum class c = CLASS_FIX; c < N_CLASSES; c++) {
		g_autoptr(GArray) truths = truths_of(world, c, NULL);
		compare_all(readiness->counts[c], truths);
		n_classes += truths->len > 0;
	}
	assert_true(n_classes >= 4);
	assert_int_equal(readiness->counts[CLASS_NONE]->len, 0);
}

static void
and_to_each_sender(void **state)
{
	const struct world *world = *state;
	g_autoptr(query_readiness_auto) readiness = ask(world->place, &all_senders);

	assert_true(readiness->senders->len > 3);
	for (guint i = 0; i < readiness->senders->len; i++) {
		const struct readiness_sender_sum *sender =
			g_ptr_array_index(readiness->senders, i);
		g_autoptr(GArray) truths = truths_of(world, sender->class, sender);
		assert_true(truths->len > 0);
		compare_all(sender->counts, truths);
	}
}

static gint64
fails(const struct readiness_sender_sum *sender)
{
	return figures_fail(&sender->figures);
}

static void
senders_come_with_the_most_failing_mail_first(void **state)
{
	const struct world *world = *state;
	struct readiness_question few = all_senders;

	few.senders = 2;
	g_autoptr(query_readiness_auto) readiness = ask(world->place, &all_senders);
	g_autoptr(query_readiness_auto) first = ask(world->place, &few);
	for (guint i = 1; i < readiness->senders->len; i++)
		assert_true(fails(g_ptr_array_index(readiness->senders, i - 1)) >=
			    fails(g_ptr_array_index(readiness->senders, i)));
	assert_int_equal(first->senders->len, 2);
	assert_int_equal(fails(g_ptr_array_index(first->senders, 1)),
			 fails(g_ptr_array_index(readiness->senders, 1)));
}

static void
the_data_are_counted(void **state)
{
	const struct world *world = *state;
	struct readiness_question question = all_senders;
	g_autoptr(query_readiness_auto) readiness = ask(world->place, &question);

	assert_int_equal(readiness->messages, world->messages);
	assert_int_equal(readiness->days, 30);
	assert_int_equal(readiness->window_days, 30);
	assert_int_equal(readiness->reporters, 7);
	assert_int_equal(readiness->review_sources, readiness->review_large);
	question.review_messages = G_MAXINT32;
	question.count_max = 2;
	g_autoptr(query_readiness_auto) large = ask(world->place, &question);
	assert_int_equal(large->review_sources, readiness->review_sources);
	assert_int_equal(large->review_large, 0);
	assert_int_equal(large->reporters, 2);
	question.review_messages = store_place_number(
		world->place, "SELECT n_30d FROM source s JOIN name n ON n.id = s.domain_id WHERE "
			      "n.text = '" TRUTH_DOMAIN "' AND class = 2 ORDER BY n_30d DESC LIMIT "
			      "1 OFFSET 2");
	question.count_max = 1000;
	g_autoptr(query_readiness_auto) three = ask(world->place, &question);
	assert_int_equal(three->review_large, 3);
	question.count_max = 2;
	g_autoptr(query_readiness_auto) two = ask(world->place, &question);
	assert_int_equal(two->review_large, 2);
	question.domain = "nobody.example";
	assert_null(ask(world->place, &question));
}

static void
judged_again_it_is_the_same(void **state)
{
	const struct world *world = *state;

	store_place_check(world->place);
	assert_true(store_edit_rejudge(world->place->store, NULL));
	store_place_flush(world->place);
	store_place_check(world->place);
	every_policy_does_to_each_class_what_it_does_to_its_records(state);
	/* All of it leaves the window. */
	store_place_reopen(world->place, 0);
	store_place_submit(world->place,
			   make_document(&(struct make_report){ .domain = "other.example",
								.day = LAST_DAY + 1 },
					 &(struct make_record){ .count = 1 }));
	store_place_reopen(world->place, LAST_DAY + 60);
	store_place_submit(world->place,
			   make_document(&(struct make_report){ .domain = "other.example",
								.report_id = "late",
								.day = LAST_DAY + 60 },
					 &(struct make_record){ .count = 1 }));
	store_place_check(world->place);
	g_autoptr(query_readiness_auto) readiness = ask(world->place, &all_senders);
	assert_int_equal(readiness->messages, 0);
	assert_int_equal(readiness->senders->len, 0);
	assert_int_equal(readiness->days, 0);
}

/* --- What was stored before --- */

static void
an_older_store_is_summed_when_it_is_opened(void **state)
{
	struct store_place *place;
	struct outcomes outcomes = { { 0 } };
	g_autoptr(GBytes) sql = g_resources_lookup_data("/dmarcd/schema/sqlite/0008_readiness.sql",
							G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

	(void)state;
	assert_non_null(sql);
	store_place_open((void **)&place);
	for (guint32 i = 1; i <= 200; i++)
		store_place_send(place, random_document(i, place->today), &outcomes);
	store_place_flush(place);
	g_autofree char *before = store_place_dump(place);
	store_place_shut(place);
	store_place_run(place, "DROP TABLE alignment_sum; DROP TABLE policy_seen");
	store_place_run(place, g_bytes_get_data(sql, NULL));
	store_place_reopen(place, 0);
	store_place_flush(place);
	store_place_check(place);
	g_autofree char *after = store_place_dump(place);
	assert_string_equal(before, after);
	store_place_close((void **)&place);
}

static void
submit_policy(struct store_place *place, gint64 day, const char *p, const char *adkim)
{
	static guint number;
	g_autofree char *id = g_strdup_printf("p%u", number++);
	struct document *document =
		make_document(&(struct make_report){ .report_id = id, .day = day, .p = p },
			      &(struct make_record){ .count = 1 });

	document->report.policy.adkim = document_string(document, adkim);
	assert_int_equal(store_place_submit(place, document), OUTCOME_STORED);
}

static void
the_policy_is_the_one_seen_last_since_it_changed(void **state)
{
	struct store_place *place;
	const struct readiness_question question = { .domain = "shop.example" };

	(void)state;
	store_place_open((void **)&place);
	submit_policy(place, LAST_DAY - 20, "none", "");
	submit_policy(place, LAST_DAY - 9, "quarantine", "s");
	submit_policy(place, LAST_DAY, "QUARANTINE", "S");
	/* Dated after its mail came: it saw nothing. */
	submit_policy(place, LAST_DAY + 9, "reject", "");
	g_autoptr(query_readiness_auto) readiness = ask(place, &question);
	assert_non_null(readiness->policy);
	assert_string_equal(readiness->policy->p, "quarantine");
	assert_string_equal(readiness->policy->sp, "quarantine");
	assert_string_equal(readiness->policy->np, "");
	assert_string_equal(readiness->policy->adkim, "s");
	assert_string_equal(readiness->policy->aspf, "r");
	assert_int_equal(readiness->policy->since, LAST_DAY - 9);
	assert_int_equal(readiness->policy->last_day, LAST_DAY);
	assert_true(readiness->policy->is_change);
	store_place_close((void **)&place);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_policy_does_to_each_class_what_it_does_to_its_records),
		cmocka_unit_test(and_to_each_sender),
		cmocka_unit_test(senders_come_with_the_most_failing_mail_first),
		cmocka_unit_test(the_data_are_counted),
		cmocka_unit_test(judged_again_it_is_the_same),
		cmocka_unit_test(an_older_store_is_summed_when_it_is_opened),
		cmocka_unit_test(the_policy_is_the_one_seen_last_since_it_changed),
	};

	return cmocka_run_group_tests(tests, open_world, close_world);
}
