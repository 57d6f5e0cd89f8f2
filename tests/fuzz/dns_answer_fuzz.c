/* SPDX-License-Identifier: MIT */
/* Messages of a hostile DNS server: bounded, clean, and never both found and failed. */
#include <string.h>

#include "net/dns_answer.h"
#include "net/dns_name.h"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len);

/* The first byte is the type that was asked for, the name is that of the message's question. */
int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len)
{
	g_auto(dns_answer_auto) answer = { 0 };
	g_autoptr(GString) name = g_string_new(NULL);
	g_autoptr(GString) again = g_string_new(NULL);

	if (len < 1)
		return 0;
	enum dns_type type = (enum dns_type)(bytes[0] % N_DNS_TYPES);
	dns_name_unpack(bytes + 1, len - 1, &(gsize){ 12 }, name);
	dns_answer_init(&answer, DNS_REASON_NONE);
	dns_answer_read(&answer, bytes + 1, len - 1, type, name->str);
	g_assert_true((answer.state == DNS_FAILED) == (answer.reason != DNS_REASON_NONE));
	g_assert_true(answer.state == DNS_FOUND || answer.records->len == 0);
	g_assert_cmpuint(answer.records->len, <=, DNS_RECORDS_MAX);
	for (guint i = 0; i < answer.records->len; i++) {
		const struct dns_record *record = dns_answer_record(&answer, i);
		g_assert_cmpuint(strlen(record->text), <=, DNS_TEXT_LEN_MAX);
		if (type == DNS_PTR || type == DNS_MX)
			g_assert_true(dns_name_fold(record->text, again) &&
				      g_str_equal(again->str, record->text));
	}
	return 0;
}
