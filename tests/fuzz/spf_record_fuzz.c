/* SPDX-License-Identifier: MIT */
/* SPF records that a stranger published: bounded, names that can be asked, prefixes that fit. */
#include <string.h>

#include "enrich/spf_record.h"
#include "net/dns_name.h"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len);

static void
check_term(const struct spf_term *term)
{
	g_autoptr(GString) folded = g_string_new(NULL);

	g_assert_true(term->kind < N_SPF_KINDS);
	g_assert_true(term->v4_bits <= 32 && term->v6_bits <= IP_BITS);
	g_assert_true(
		*term->domain == '\0' || term->has_macro ||
		(dns_name_fold(term->domain, folded) && g_str_equal(folded->str, term->domain)));
}

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize len)
{
	g_autofree char *text = g_strndup((const char *)bytes, len);
	g_auto(spf_record_auto) record = { 0 };
	g_autoptr(GError) error = NULL;

	if (!spf_record_read(text, &record, &error)) {
		g_assert_nonnull(error);
		return 0;
	}
	g_assert_cmpuint(record.terms->len, <=, SPF_TERMS_MAX);
	for (guint i = 0; i < record.terms->len; i++)
		check_term(&g_array_index(record.terms, struct spf_term, i));
	check_term(&record.redirect);
	return 0;
}
