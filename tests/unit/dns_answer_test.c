/* SPDX-License-Identifier: MIT */
/* Messages as other servers write them: compressed names, and pointers that lead nowhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/dns_answer.h"
#include "net/dns_name.h"

#define MESSAGE(bytes) (const guint8 *)(bytes), sizeof(bytes) - 1
/* Identifier, answer, recursion, NOERROR, one question, N answers, no more. */
#define HEAD(n)        "\x12\x34\x81\x80\0\x01\0" n "\0\0\0\0"
#define QUESTION(type) "\4mail\7example\0\0" type "\0\1"

static void
names_that_point_back_are_read(void **state)
{
	static const char message[] =
		HEAD("\x02") QUESTION("\xf") "\xc0\x0c\0\xf\0\1\0\0\1\x2c\0\x09\0\x05\4Mx-1\xc0\x11"
					     "\xc0\x0c\0\xf\0\1\0\0\1\x2c\0\x04\0\x0a\xc0\x2c";
	g_auto(dns_answer_auto) answer;

	(void)state;
	dns_answer_init(&answer, DNS_REASON_NONE);
	dns_answer_read(&answer, MESSAGE(message), DNS_MX, "mail.example");
	assert_int_equal(answer.state, DNS_FOUND);
	assert_int_equal(answer.ttl_s, 300);
	assert_int_equal(answer.records->len, 2);
	assert_string_equal(dns_answer_record(&answer, 0)->text, "mx-1.example");
	assert_string_equal(dns_answer_record(&answer, 1)->text, "mx-1.example");
}

static void
every_cut_of_a_message_fails(void **state)
{
	static const char message[] =
		HEAD("\x01") QUESTION("\1") "\xc0\x0c\0\1\0\1\0\0\1\x2c\0\4\xc0\0\2\1";

	(void)state;
	for (gsize len = 0; len < sizeof(message); len++) {
		g_auto(dns_answer_auto) answer;
		dns_answer_init(&answer, DNS_REASON_NONE);
		g_autofree guint8 *cut = g_memdup2(message, MAX(len, 1));
		dns_answer_read(&answer, cut, len, DNS_A, "mail.example");
		gboolean is_whole = len == sizeof(message) - 1;
		assert_int_equal(answer.state, is_whole ? DNS_FOUND : DNS_FAILED);
	}
}

static void
answers_to_other_questions_fail(void **state)
{
	static const char message[] =
		HEAD("\x01") QUESTION("\1") "\xc0\x0c\0\1\0\1\0\0\1\x2c\0\4\xc0\0\2\1";
	static const struct {
		enum dns_type type;
		const char *name;
	} cases[] = { { DNS_AAAA, "mail.example" }, { DNS_A, "other.example" } };

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(dns_answer_auto) answer;
		dns_answer_init(&answer, DNS_REASON_NONE);
		dns_answer_read(&answer, MESSAGE(message), cases[i].type, cases[i].name);
		assert_int_equal(answer.state, DNS_FAILED);
		assert_int_equal(answer.reason, DNS_REASON_MALFORMED);
	}
}

static void
pointers_never_lead_in_a_circle(void **state)
{
	static const struct {
		const char *bytes;
		gsize len;
		gsize at;
		const char *name; /* NULL = none */
	} cases[] = {
		{ "\xc0\0", 2, 0, NULL },          /* to itself */
		{ "\xc0\2\xc0\0", 4, 0, NULL },    /* forwards */
		{ "\1a\xc0\0", 4, 2, NULL },       /* back into what it is part of */
		{ "\1a\xc0\0\xc0\2", 6, 4, NULL }, /* the same by way of another */
		{ "\1a\0\1b\xc0\0", 7, 3, "b.a" }, /* as it should be */
		{ "\0", 1, 0, "" },                /* the root */
		{ "\1a", 2, 0, NULL },             /* cut */
		{ "\5a", 2, 0, NULL },             /* cut within a label */
		{ "\xc0", 1, 0, NULL },            /* cut within a pointer */
		{ "\x41"
		  "a\0",
		  3, 0, NULL }, /* an extended label: nobody's any more */
		{ "\3a.b\1\xe4\0", 7, 0, "a\\046b.\\228" },
	};
	g_autoptr(GString) name = g_string_new(NULL);

	(void)state;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		gsize at = cases[i].at;
		g_autofree guint8 *bytes = g_memdup2(cases[i].bytes, cases[i].len);
		gboolean is_read = dns_name_unpack(bytes, cases[i].len, &at, name);
		assert_int_equal(is_read, cases[i].name != NULL);
		if (!is_read)
			continue;
		assert_string_equal(name->str, cases[i].name);
		assert_int_equal(at, cases[i].len);
	}
}

static void
names_of_more_than_255_bytes_are_none(void **state)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autoptr(GString) name = g_string_new(NULL);
	gsize at = 0;

	(void)state;
	for (guint i = 0; i < 127; i++)
		g_byte_array_append(bytes, (const guint8 *)"\1a", 2);
	g_byte_array_append(bytes, (const guint8 *)"\0", 1);
	assert_true(dns_name_unpack(bytes->data, bytes->len, &at, name));
	assert_int_equal(name->len, DNS_NAME_LEN_MAX);
	g_byte_array_prepend(bytes, (const guint8 *)"\1a", 2);
	at = 0;
	assert_false(dns_name_unpack(bytes->data, bytes->len, &at, name));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_that_point_back_are_read),
		cmocka_unit_test(every_cut_of_a_message_fails),
		cmocka_unit_test(answers_to_other_questions_fail),
		cmocka_unit_test(pointers_never_lead_in_a_circle),
		cmocka_unit_test(names_of_more_than_255_bytes_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
