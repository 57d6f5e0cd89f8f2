/* SPDX-License-Identifier: MIT */
#include "analysis/row_origin.h"

#include <string.h>

static gboolean
is_word(const struct report *report, guint32 name, const char *word)
{
	return g_ascii_strcasecmp(report_name(report, name), word) == 0;
}

const char *
row_origin_via(const struct report *report, const struct record *record,
	       const struct origin_context *context)
{
	const struct run *run = &g_array_index(report->auth_sets, struct run, record->auth_set);
	const char *by_spf = "";

	if (record->spf == ALIGNED_PASS)
		return "";
	for (guint i = run->first; i < run->first + run->n; i++) {
		const struct auth_result *result =
			&g_array_index(report->auth_results, struct auth_result, i);
		const char *domain = report_name(report, result->domain);
		if (!*domain || !is_word(report, result->result, "pass") ||
		    context->is_own(context->cookie, domain))
			continue;
		if (result->kind == AUTH_DKIM)
			return context->org_domain(context->cookie, domain);
		if (!*by_spf)
			by_spf = context->org_domain(context->cookie, domain);
	}
	return by_spf;
}

/* Does the result tell of a signature that is asked for: passed, or broken? */
static gboolean
is_asked_for(const struct report *report, const struct auth_result *result, gboolean has_passed)
{
	static const char *const not_broken[] = { "pass", "none", "temperror", "permerror" };

	if (has_passed)
		return is_word(report, result->result, "pass");
	for (gsize i = 0; i < G_N_ELEMENTS(not_broken); i++)
		if (is_word(report, result->result, not_broken[i]))
			return FALSE;
	return TRUE;
}

/* Words of names, so that a space between two of them means just that. */
static gboolean
is_name(const char *text)
{
	return strpbrk(text, " \t") == NULL;
}

static gint
compare_texts(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
append_sorted(GPtrArray *texts, GString *out)
{
	const char *before = "";

	g_ptr_array_sort(texts, compare_texts);
	for (guint i = 0; i < texts->len; i++) {
		const char *text = g_ptr_array_index(texts, i);
		if (g_str_equal(text, before))
			continue;
		g_string_append_printf(out, "%s%s", out->len > 0 ? " " : "", text);
		before = text;
	}
}

/* "s1._domainkey.example.com"; NULL where the result tells of no such signature. */
static char *
signature_of(const struct report *report, const struct auth_result *result, gboolean has_passed,
	     const struct origin_context *context)
{
	const char *domain = report_name(report, result->domain);
	const char *selector = report_name(report, result->selector);

	if (result->kind != AUTH_DKIM || !*domain || !is_name(domain) || !is_name(selector) ||
	    !is_asked_for(report, result, has_passed) || !context->is_own(context->cookie, domain))
		return NULL;
	return g_strdup_printf("%s%s_domainkey.%s", selector, *selector ? "." : "", domain);
}

void
row_origin_signatures(const struct report *report, const struct record *record,
		      const struct origin_context *context, GString *out)
{
	const struct run *run = &g_array_index(report->auth_sets, struct run, record->auth_set);
	gboolean has_passed = record->dkim == ALIGNED_PASS;
	g_autoptr(GPtrArray) texts = NULL;

	if (!has_passed && record_is_pass(record))
		return;
	for (guint i = run->first;
	     i < run->first + run->n && (!texts || texts->len < ROW_SIGNATURES_MAX); i++) {
		const struct auth_result *result =
			&g_array_index(report->auth_results, struct auth_result, i);
		char *text = signature_of(report, result, has_passed, context);
		if (!text)
			continue;
		if (!texts)
			texts = g_ptr_array_new_with_free_func(g_free);
		g_ptr_array_add(texts, text);
	}
	if (texts)
		append_sorted(texts, out);
}
