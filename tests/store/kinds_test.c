/* SPDX-License-Identifier: MIT */
/* Failure reports, complaints, bounces and TLS reports: stored once, whatever comes again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/support/kind_make.h"
#include "tests/support/store_place.h"

static const struct make_feedback failure = { .incidents = 3 };
static const struct make_feedback complaint = { .kind = DOCUMENT_COMPLAINT };
static const struct make_bounce bounce = { .status = NULL };
static const struct make_tls tls = { .success = 100, .failure = 2, .result = "sts-policy-invalid" };

static struct document *
make_kind(enum document_kind kind)
{
	if (kind == DOCUMENT_FAILURE)
		return make_feedback(&failure);
	if (kind == DOCUMENT_COMPLAINT)
		return make_feedback(&complaint);
	return kind == DOCUMENT_BOUNCE ? make_bounce(&bounce) : make_tls(&tls);
}

/* The same document, and one word of it another. */
static struct document *
make_other(enum document_kind kind)
{
	struct document *document = make_kind(kind);

	if (kind == DOCUMENT_BOUNCE)
		document->bounce.subject = "Delivery delayed";
	else if (kind == DOCUMENT_TLS)
		document->tlsrpt.contact = "other@host.example";
	else
		document->feedback.user_agent = "test/2";
	return document;
}

static void
each_kind_is_stored_once(void **state)
{
	struct store_place *place = *state;

	for (enum document_kind kind = DOCUMENT_FAILURE; kind < N_DOCUMENT_KINDS; kind++) {
		assert_int_equal(store_place_submit(place, make_kind(kind)), OUTCOME_STORED);
		assert_int_equal(store_place_submit(place, make_kind(kind)), OUTCOME_DUPLICATE);
	}
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM document"), 4);
	assert_int_equal(store_place_number(place, "SELECT sum(counted) FROM document_count"), 4);
	assert_int_equal(
		store_place_number(place, "SELECT incidents FROM document_count WHERE kind = 1"),
		3);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM document_raw"), 1);
	assert_int_equal(store_place_number(place, "SELECT sum(success) FROM tls_policy"), 100);
	assert_int_equal(store_place_number(place, "SELECT sum(sessions) FROM tls_failure"), 2);
	assert_int_equal(store_place_number(place, "SELECT count(*) FROM report"), 0);
	store_place_check(place);
}

static void
another_content_is_a_revision_and_counts_nothing(void **state)
{
	struct store_place *place = *state;

	for (enum document_kind kind = DOCUMENT_FAILURE; kind < N_DOCUMENT_KINDS; kind++) {
		store_place_submit(place, make_kind(kind));
		assert_int_equal(store_place_submit(place, make_other(kind)), OUTCOME_REVISION);
		assert_int_equal(store_place_submit(place, make_other(kind)), OUTCOME_DUPLICATE);
		assert_int_equal(store_place_submit(place, make_kind(kind)), OUTCOME_DUPLICATE);
	}
	assert_int_equal(store_place_number(place, "SELECT sum(counted) FROM document_count"), 4);
	assert_int_equal(store_place_number(place, "SELECT sum(revisions) FROM document_count"), 4);
	store_place_check(place);
}

static void
what_is_of_another_message_is_another_one(void **state)
{
	struct store_place *place = *state;
	const struct make_feedback others[] = {
		{ .message_id = "<m2@bad.example>" },
		{ .ip = "203.0.113.10" },
		{ .recipient = "other@next.example" },
		{ .reporter = "other.example" },
		{ .arrived_at = 1767225606 },
		{ .kind = DOCUMENT_COMPLAINT },
		/* Nothing tells these two apart but the mails that carried them. */
		{ .message_id = "", .arrived_at = -1 },
		{ .message_id = "", .arrived_at = -1, .carrier_id = "<c2@host.example>" },
	};

	store_place_submit(place, make_feedback(&failure));
	for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
		assert_int_equal(store_place_submit(place, make_feedback(&others[i])),
				 OUTCOME_STORED);
	/* The carrier is no part of what is known well enough. */
	struct make_feedback again = { .incidents = 3, .carrier_id = "<c3@host.example>" };
	assert_int_equal(store_place_submit(place, make_feedback(&again)), OUTCOME_DUPLICATE);
}

/* Is text somewhere in the files of the store, in any case of its letters? */
static gboolean
is_in_files(struct store_place *place, const char *text)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	gboolean is_found = FALSE;

	for (gsize i = 0; i < G_N_ELEMENTS(suffixes); i++) {
		g_autofree char *path = g_strconcat(place->path, suffixes[i], NULL);
		g_autofree char *bytes = NULL;
		gsize len;
		if (!g_file_get_contents(path, &bytes, &len, NULL))
			continue;
		for (gsize at = 0; at + strlen(text) <= len && !is_found; at++)
			is_found = g_ascii_strncasecmp(bytes + at, text, strlen(text)) == 0;
	}
	return is_found;
}

static void
no_recipient_is_in_the_file(void **state)
{
	struct store_place *place = *state;
	const struct make_feedback failed = {
		.recipient = "kei.sample@next.example",
		.headers = "To: Kei <kei.sample@next.example>, <second.person@other.example>\n"
			   "Return-Path: <b+kei.sample=next.example@list.example>\n"
			   "Subject: for second.person",
	};
	const struct make_bounce bounced = {
		.recipient = "third.person@next.example",
		.diagnostic = "smtp; 550 no third.person here",
	};

	store_place_submit(place, make_feedback(&failed));
	store_place_submit(place, make_bounce(&bounced));
	assert_true(is_in_files(place, "rcpt-"));
	assert_true(is_in_files(place, "list.example"));
	assert_false(is_in_files(place, "kei.sample"));
	assert_false(is_in_files(place, "second.person"));
	assert_false(is_in_files(place, "third.person"));
	store_place_shut(place);
	assert_false(is_in_files(place, "kei.sample"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, store_place_open, store_place_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_kind_is_stored_once),
		TEST(another_content_is_a_revision_and_counts_nothing),
		TEST(what_is_of_another_message_is_another_one),
		TEST(no_recipient_is_in_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
