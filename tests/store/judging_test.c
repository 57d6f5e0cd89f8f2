/* SPDX-License-Identifier: MIT */
/* Who can put a source into which class: reports of strangers accuse nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/support/store_make.h"
#include "tests/support/store_place.h"
#include "tests/support/store_random.h"

#define REPORTS       200
#define OLD_STORE_DAY 20782 /* 2026-11-25, two months after the last report of store-3.sql */

/* The mail that carries a report. */
static const struct carrier google = { .from_domain = "google.com",
				       .from = "noreply-dmarc-support@google.com",
				       .message_id = "",
				       .authenticated = AUTHENTICATED_YES,
				       .auth_domain = "google.com" };
static const struct carrier stranger = { .from_domain = "stranger.example",
					 .from = "dmarc@stranger.example",
					 .message_id = "",
					 .authenticated = AUTHENTICATED_YES,
					 .auth_domain = "stranger.example" };
/* Says that it comes from Google, and a server of ours saw that it does not. */
static const struct carrier forger = { .from_domain = "google.com",
				       .from = "noreply-dmarc-support@google.com",
				       .message_id = "",
				       .authenticated = AUTHENTICATED_NO,
				       .auth_domain = "google.com" };
static const struct carrier unwitnessed = { .from_domain = "google.com",
					    .from = "noreply-dmarc-support@google.com",
					    .message_id = "",
					    .authenticated = AUTHENTICATED_UNKNOWN,
					    .auth_domain = "" };
static const struct carrier bare = {
	.is_bare = TRUE, .from_domain = "", .from = "", .message_id = "", .auth_domain = ""
};

static void
send_by(struct store_place *place, const struct carrier *carrier, struct document *document)
{
	struct outcomes outcomes = { { 0 } };

	document->carrier = *carrier;
	store_place_send(place, document, &outcomes);
	store_place_flush(place);
	assert_int_equal(outcomes.of[OUTCOME_STORED], 1);
}

/* A signed domain, and an address that spoofs it: 240 messages in 6 days, bare. */
static struct document *
day_of_spoofing(guint age, const char *id)
{
	char report_id[32];
	struct make *make;

	g_snprintf(report_id, sizeof(report_id), "%s-%u", id, age);
	make = make_start(&(struct make_report){
		.reporter = id, .report_id = report_id, .day = PLACE_TODAY - age });
	make_record(make, &(struct make_record){ .ip = "192.0.2.1",
						 .count = 1000,
						 .dkim = ALIGNED_PASS,
						 .spf = ALIGNED_PASS,
						 .auth = "dkim pass shop.example s1; spf pass "
							 "shop.example mfrom" });
	make_record(make, &(struct make_record){ .ip = "203.0.113.45",
						 .count = 40,
						 .dkim = ALIGNED_FAIL,
						 .spf = ALIGNED_FAIL,
						 .auth = "spf fail shop.example mfrom" });
	return make_end(make);
}

static gint64
count_class(struct store_place *place, enum class class)
{
	g_autofree char *sql =
		g_strdup_printf("SELECT count(*) FROM source WHERE class = %d", class);

	return store_place_number(place, sql);
}

/* The sources of the domain that day_of_spoofing() is about, with their classes. */
static char *
classes_of_shop(struct store_place *place)
{
	return store_place_rows(place, "SELECT hex(a.ip), class FROM source s JOIN address a ON "
				       "a.id = s.address_id JOIN name n ON n.id = s.domain_id "
				       "WHERE n.text = 'shop.example'");
}

static gint64
score_of_spoofer(struct store_place *place)
{
	return store_place_number(place, "SELECT s.score FROM source s JOIN address a ON a.id = "
					 "s.address_id WHERE hex(a.ip) LIKE '%CB00712D'");
}

static void
an_established_reporter_accuses(void **state)
{
	struct store_place *place = *state;

	for (guint age = 0; age < 6; age++)
		send_by(place, &google, day_of_spoofing(age, "google.com"));
	assert_int_equal(count_class(place, CLASS_UNAUTHORIZED), 1);
	assert_int_equal(count_class(place, CLASS_AUTHORIZED), 1);
	/* 10 + 25 bare + 15 never + 15 unsigned + 8 volume + 5 days, one reporter. */
	assert_int_equal(score_of_spoofer(place), 78);
	store_place_check(place);
}

static void
files_that_somebody_hands_in_count(void **state)
{
	struct store_place *place = *state;

	for (guint age = 0; age < 6; age++)
		send_by(place, &bare, day_of_spoofing(age, "some host"));
	assert_int_equal(count_class(place, CLASS_UNAUTHORIZED), 1);
}

static void
strangers_and_forgers_accuse_nobody(void **state)
{
	static const struct carrier *const carriers[] = { &stranger, &forger, &unwitnessed };
	struct store_place *place = *state;

	for (guint i = 0; i < G_N_ELEMENTS(carriers); i++)
		for (guint age = 0; age < 6; age++) {
			char id[16];
			g_snprintf(id, sizeof(id), "reporter %u", i);
			send_by(place, carriers[i], day_of_spoofing(age, id));
		}
	assert_int_equal(count_class(place, CLASS_UNAUTHORIZED), 0);
	assert_int_equal(count_class(place, CLASS_REVIEW), 1);
	/* To be looked at first, all the same. */
	assert_true(score_of_spoofer(place) >= 70);
	store_place_check(place);
}

static void
forgery_moves_no_source_that_an_honest_reporter_named(void **state)
{
	struct store_place *place = *state;

	send_by(place, &google, day_of_spoofing(0, "google.com"));
	/* 10 + 25 + 15 + 15 + 5 = 70 would be enough: what is named here is smaller. */
	send_by(place, &google,
		make_document(&(struct make_report){ .report_id = "small", .day = PLACE_TODAY },
			      &(struct make_record){ .ip = "203.0.113.9",
						     .count = 3,
						     .dkim = ALIGNED_FAIL,
						     .spf = ALIGNED_FAIL,
						     .auth = "spf fail shop.example mfrom" }));
	gint64 accused = count_class(place, CLASS_UNAUTHORIZED);
	g_autofree char *honest = classes_of_shop(place);
	for (guint i = 0; i < 40; i++) {
		char id[16];
		char reporter[16];
		g_snprintf(id, sizeof(id), "forged-%u", i);
		g_snprintf(reporter, sizeof(reporter), "host%u.example", i);
		send_by(place, &forger,
			make_document(&(struct make_report){ .report_id = id,
							     .reporter = reporter,
							     .domain = i % 2 ? "shop.example"
									     : "bank.example",
							     .day = PLACE_TODAY - i % 20 },
				      &(struct make_record){ .ip = "203.0.113.9",
							     .count = 1000,
							     .dkim = ALIGNED_FAIL,
							     .spf = ALIGNED_FAIL,
							     .auth = "spf fail shop.example "
								     "mfrom" }));
	}
	g_autofree char *forged = classes_of_shop(place);
	assert_string_equal(honest, forged);
	assert_int_equal(count_class(place, CLASS_UNAUTHORIZED), accused);
	store_place_check(place);
}

static void
a_reporter_is_established_after_a_month(void **state)
{
	struct store_place *place = *state;

	for (guint age = 0; age < 6; age++)
		send_by(place, &stranger, day_of_spoofing(age, "stranger"));
	assert_int_equal(count_class(place, CLASS_UNAUTHORIZED), 0);
	/* The same domain is heard 30 days later; the spoofer was silent meanwhile. */
	store_place_reopen(place, PLACE_TODAY + 30);
	send_by(place, &stranger,
		make_document(
			&(struct make_report){ .report_id = "later", .day = PLACE_TODAY + 30 },
			&(struct make_record){ .ip = "192.0.2.1",
					       .count = 1,
					       .dkim = ALIGNED_PASS,
					       .auth = "dkim pass shop.example s1" }));
	assert_int_equal(count_class(place, CLASS_UNAUTHORIZED), 1);
	store_place_check(place);
}

static void
a_flood_of_broken_signatures_is_no_forwarder(void **state)
{
	struct store_place *place = *state;

	send_by(place, &google, day_of_spoofing(0, "google.com"));
	for (guint i = 0; i < 3; i++) {
		static const gint64 counts[] = { 50, 51, 5000 };
		char ip[32];
		char id[16];
		g_snprintf(ip, sizeof(ip), "198.51.100.%u", i + 1);
		g_snprintf(id, sizeof(id), "flood-%u", i);
		send_by(place, &google,
			make_document(&(struct make_report){ .report_id = id, .day = PLACE_TODAY },
				      &(struct make_record){ .ip = ip,
							     .count = counts[i],
							     .dkim = ALIGNED_FAIL,
							     .spf = ALIGNED_FAIL,
							     .auth = "dkim fail shop.example s1; "
								     "spf pass cheap.example "
								     "mfrom" }));
	}
	/* The cap is 50 where 1,000 messages are one's own. */
	assert_int_equal(count_class(place, CLASS_FORWARDER), 1);
	store_place_check(place);
}

/* --- Whatever comes in whatever order --- */

static const struct carrier *
random_carrier(guint32 number)
{
	static const struct carrier *const carriers[] = { &google, &stranger, &forger, &unwitnessed,
							  &bare };

	return carriers[number % G_N_ELEMENTS(carriers)];
}

static char *
dump_in_order(guint step)
{
	struct store_place *place;
	struct outcomes outcomes = { { 0 } };

	store_place_open((void **)&place);
	for (guint i = 0; i < REPORTS; i++) {
		guint32 number = (i * step) % REPORTS + 1;
		struct document *document = random_document(number, place->today);
		document->carrier = *random_carrier(number);
		store_place_send(place, document, &outcomes);
		if (i % 50 == 49)
			store_place_flush(place);
	}
	store_place_check(place);
	char *dump = store_place_dump(place);
	store_place_close((void **)&place);
	return dump;
}

static void
the_order_of_reports_decides_nothing(void **state)
{
	g_autofree char *in_order = dump_in_order(1);

	(void)state;
	for (guint step = 3; step <= 11; step += 4) {
		g_autofree char *other = dump_in_order(step);
		assert_string_equal(in_order, other);
	}
}

/* As they first came, to be followed by the same ones of who speaks for them. */
static void
send_all_by(struct store_place *place, const struct carrier *const *carriers, guint step,
	    enum outcome expected)
{
	struct outcomes outcomes = { { 0 } };

	for (guint32 number = 1; number <= REPORTS; number++) {
		struct document *document = random_document(number, place->today);
		if (!carriers[number % 3]) {
			document_free(document);
			continue;
		}
		document->carrier = *carriers[number % 3];
		store_place_send(place, document, &outcomes);
		if (step != 0 && number % step == 0)
			store_place_flush(place);
	}
	store_place_flush(place);
	assert_int_not_equal(outcomes.of[expected], 0);
}

/* Written in between (step), or still in memory when they come again (0). */
static void
a_report_counts_from_when_somebody_speaks_for_it(void **state)
{
	static const struct carrier *const before[] = { &unwitnessed, &forger, NULL };
	static const struct carrier *const then[] = { &google, &stranger, &bare };
	static const guint steps[] = { 0, 7, 1000 };
	struct store_place *place;

	(void)state;
	store_place_open((void **)&place);
	send_all_by(place, then, 0, OUTCOME_STORED);
	g_autofree char *expected = store_place_dump(place);
	store_place_close((void **)&place);
	for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
		store_place_open((void **)&place);
		send_all_by(place, before, steps[i], OUTCOME_STORED);
		send_all_by(place, then, steps[i], OUTCOME_DUPLICATE);
		store_place_check(place);
		g_autofree char *dump = store_place_dump(place);
		assert_string_equal(dump, expected);
		/* Nobody takes its voice away, and nobody gives it another. */
		send_all_by(place, before, steps[i], OUTCOME_DUPLICATE);
		g_autofree char *after = store_place_dump(place);
		assert_string_equal(after, expected);
		store_place_close((void **)&place);
	}
}

static void
judging_all_again_changes_nothing(void **state)
{
	struct store_place *place = *state;
	struct outcomes outcomes = { { 0 } };

	for (guint32 number = 1; number <= REPORTS; number++) {
		struct document *document = random_document(number, place->today);
		document->carrier = *random_carrier(number);
		store_place_send(place, document, &outcomes);
	}
	store_place_flush(place);
	g_autofree char *before = store_place_dump(place);
	assert_true(store_edit_rejudge(place->store, NULL));
	store_place_flush(place);
	store_place_check(place);
	g_autofree char *after = store_place_dump(place);
	assert_string_equal(before, after);
}

static void
reports_of_strangers_alone_accuse_nobody_whatever_they_say(void **state)
{
	struct store_place *place = *state;
	struct outcomes outcomes = { { 0 } };
	static const struct carrier *const carriers[] = { &stranger, &forger, &unwitnessed };

	for (guint32 number = 1; number <= 3 * REPORTS; number++) {
		struct document *document = random_document(number, place->today);
		document->carrier = *carriers[number % G_N_ELEMENTS(carriers)];
		store_place_send(place, document, &outcomes);
	}
	store_place_flush(place);
	assert_true(count_class(place, CLASS_REVIEW) > 10);
	assert_int_equal(count_class(place, CLASS_UNAUTHORIZED), 0);
}

/* --- A store of before --- */

static void
write_old_store(struct store_place *place)
{
	g_autofree char *sql = NULL;

	assert_true(g_file_get_contents("tests/store/store-3.sql", &sql, NULL, NULL));
	store_place_run(place, sql);
}

static void
a_store_of_before_is_summed_and_judged_anew(void **state)
{
	static const enum authenticated authenticated[] = {
		AUTHENTICATED_UNKNOWN, AUTHENTICATED_YES,     AUTHENTICATED_UNKNOWN,
		AUTHENTICATED_NO,      AUTHENTICATED_UNKNOWN,
	};
	struct store_place *place = *state;

	store_place_shut(place);
	g_autofree char *other = g_strconcat(place->path, "-3", NULL);
	g_free(place->path);
	g_free(place->url);
	place->path = g_strdup(other);
	place->url = g_strconcat("sqlite:", other, NULL);
	write_old_store(place);
	store_place_reopen(place, OLD_STORE_DAY);
	store_place_flush(place);
	store_place_check(place);
	assert_int_equal(store_place_number(place, "SELECT sum(messages) FROM source_day"), 285);
	assert_int_equal(store_place_number(place, "SELECT revisions FROM state"), 1);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM source WHERE class = 0"),
			 0);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM report r LEFT JOIN party "
						   "p ON p.id = r.party_id WHERE p.id IS NULL"),
			 0);
	/* Who carried a report is known where it was known before. */
	for (gsize i = 0; i < G_N_ELEMENTS(authenticated); i++) {
		g_autofree char *sql = g_strdup_printf("SELECT authenticated FROM report r JOIN "
						       "party p ON p.id = r.party_id WHERE r.id = "
						       "%" G_GSIZE_FORMAT,
						       i + 1);
		assert_int_equal(store_place_number(place, sql), authenticated[i]);
	}
	/* Who had all rights has the new one too. */
	assert_int_equal(store_place_number(place, "SELECT rights FROM user WHERE name = 'ann'"),
			 11);
	assert_int_equal(store_place_number(place, "SELECT rights FROM user WHERE name = 'bob'"),
			 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, store_place_open, store_place_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_established_reporter_accuses),
		TEST(files_that_somebody_hands_in_count),
		TEST(strangers_and_forgers_accuse_nobody),
		TEST(forgery_moves_no_source_that_an_honest_reporter_named),
		TEST(a_reporter_is_established_after_a_month),
		TEST(a_flood_of_broken_signatures_is_no_forwarder),
		cmocka_unit_test(the_order_of_reports_decides_nothing),
		TEST(a_report_counts_from_when_somebody_speaks_for_it),
		TEST(judging_all_again_changes_nothing),
		TEST(reports_of_strangers_alone_accuse_nobody_whatever_they_say),
		TEST(a_store_of_before_is_summed_and_judged_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
