/* SPDX-License-Identifier: MIT */
/* Recipients are taken out of a document, wherever they stand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "store/redact.h"
#include "tests/support/kind_make.h"

static const guint8 key[REDACT_KEY_LEN] = { 1, 2, 3 };

/* All texts of a document, as they are stored. */
static char *
stored(const struct document *document)
{
	g_autoptr(redactor_auto) redactor = redactor_new(key, document);
	const struct noun_mapper mapper = redactor_mapper(redactor);
	g_autoptr(GByteArray) body = g_byte_array_new();

	noun_pack(body, document, &mapper);
	for (guint i = 0; i < body->len; i++)
		if (body->data[i] < ' ' && body->data[i] != '\n')
			body->data[i] = '|';
	g_byte_array_append(body, (const guint8 *)"", 1);
	return g_strdup((const char *)body->data);
}

static void
a_recipient_is_nowhere_in_a_failure_report(void **state)
{
	(void)state;
	const struct make_feedback make = {
		.recipient = "Kei.Sample@next.example",
		.headers = "Received: from a by b for <second.one@next.example>; Mon\n"
			   "To: \"Kei Doe\" <kei.sample@next.example>, =?utf-8?Q?x?= "
			   "<third@next.example>\n"
			   "X-HmXmrOriginalRecipient: KEI.SAMPLE@NEXT.EXAMPLE\n"
			   "Delivered-To: kei.sample+shop@next.example\n"
			   "Return-Path: <bounce+kei.sample=next.example@list.example>\n"
			   "Subject: Hello kei.sample, and second.one\n"
			   "List-Unsubscribe: <https://a.example/u?m=kei.sample%40next.example>\n"
			   "X-Mailer: third-party",
	};
	g_autoptr(document_auto) document = make_feedback(&make);
	document->feedback.original_envelope_id = "id-kei.sample-9";
	document->feedback.original_subject = "Hello KEI.Sample!";
	document_warn(document, "odd", "what is kei.sample@next.example?");
	g_autofree char *text = stored(document);
	g_autofree char *lower = g_ascii_strdown(text, -1);

	assert_null(strstr(lower, "kei"));
	assert_null(strstr(lower, "second.one"));
	assert_null(strstr(lower, "third"));
	assert_null(strstr(lower, "sample"));
	assert_non_null(strstr(text, "X-HmXmrOriginalRecipient: rcpt-"));
	assert_non_null(strstr(text, "Subject: Hello rcpt-"));
	assert_non_null(strstr(text, "u?m=rcpt-"));
	assert_non_null(strstr(text, "mail@shop.example"));
}

static char *
token_of(const struct document *document, const char *text)
{
	g_autoptr(redactor_auto) redactor = redactor_new(key, document);

	return g_strdup(redactor_text(redactor, text));
}

static void
the_same_address_has_the_same_token(void **state)
{
	(void)state;
	const struct make_feedback make = { .recipient = "kei@next.example" };
	const struct make_feedback upper = { .recipient = "KEI@next.example" };
	const struct make_feedback other = { .recipient = "kei@other.example" };
	g_autoptr(document_auto) first = make_feedback(&make);
	g_autoptr(document_auto) second = make_feedback(&upper);
	g_autoptr(document_auto) third = make_feedback(&other);
	g_autofree char *a = token_of(first, "kei");
	g_autofree char *b = token_of(second, "kei");
	g_autofree char *c = token_of(third, "kei");
	g_autofree char *full = token_of(first, "to kei@next.example.");
	g_autofree char *expected = g_strdup_printf("to %s@next.example.", a);

	assert_int_equal(strlen(a), strlen("rcpt-12345678"));
	assert_string_equal(a, b);
	assert_string_not_equal(a, c);
	assert_string_equal(full, expected);
}

static void
words_that_are_no_person_stay(void **state)
{
	(void)state;
	const struct make_feedback role = { .recipient = "mail@next.example" };
	const struct make_feedback brief = { .recipient = "me@next.example" };
	g_autoptr(document_auto) office = make_feedback(&role);
	g_autoptr(document_auto) me = make_feedback(&brief);
	g_autofree char *host = token_of(office, "from mail.host.example");
	g_autofree char *verp = token_of(office, "b+mail=next.example@list.example");
	g_autofree char *word = token_of(me, "tell me");
	g_autofree char *inside = token_of(me, "<me@next.example>");

	assert_string_equal(host, "from mail.host.example");
	assert_null(strstr(verp, "mail"));
	assert_string_equal(word, "tell me");
	assert_null(strstr(inside, "me@"));
}

static void
a_word_is_replaced_as_a_whole_alone(void **state)
{
	(void)state;
	const struct make_feedback make = { .recipient = "ann@next.example" };
	g_autoptr(document_auto) document = make_feedback(&make);
	g_autofree char *text = token_of(document, "Joanna planned annex; ann.");

	assert_true(g_str_has_prefix(text, "Joanna planned annex; rcpt-"));
	assert_true(g_str_has_suffix(text, "."));
}

static void
all_recipients_of_a_bounce_are_found(void **state)
{
	(void)state;
	const struct make_bounce make = {
		.recipient = "kei.sample@next.example",
		.diagnostic = "smtp; 550 <kei.sample@next.example>: no other.name here",
	};
	g_autoptr(document_auto) document = make_bounce(&make);
	g_ptr_array_add(document->bounce.hint_recipients,
			document_string(document, "other.name@next.example"));
	g_autofree char *text = stored(document);

	assert_null(strstr(text, "kei"));
	assert_null(strstr(text, "other.name"));
	assert_non_null(strstr(text, "@next.example"));
}

static void
hostile_addresses_cost_little(void **state)
{
	(void)state;
	struct make_bounce make = { .recipient = "x@next.example" };
	g_autoptr(document_auto) document = make_bounce(&make);
	GString *endless = g_string_new(NULL);

	for (guint i = 0; i < 2000; i++)
		g_string_append(endless, "a.");
	for (guint i = 0; i < BOUNCE_RECIPIENTS_MAX; i++) {
		struct bounce_recipient *recipient =
			shape_add_item(&bounce_recipient_shape, document->bounce.recipients);
		g_autofree char *address =
			g_strdup_printf("%.60s%u@%.180s", endless->str, i, endless->str);
		recipient->final_recipient = document_string(document, address);
		recipient->diagnostic = document_string(document, endless->str);
	}
	gint64 begin = g_get_monotonic_time();
	g_autofree char *text = stored(document);
	assert_non_null(text);
	assert_true(g_get_monotonic_time() - begin < 20 * G_USEC_PER_SEC);
	g_string_free(endless, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_recipient_is_nowhere_in_a_failure_report),
		cmocka_unit_test(the_same_address_has_the_same_token),
		cmocka_unit_test(words_that_are_no_person_stay),
		cmocka_unit_test(a_word_is_replaced_as_a_whole_alone),
		cmocka_unit_test(all_recipients_of_a_bounce_are_found),
		cmocka_unit_test(hostile_addresses_cost_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
