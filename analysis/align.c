/* SPDX-License-Identifier: MIT */
#include "analysis/align.h"

#include <string.h>

/* What is looked for in the results of a record. */
struct alignment_search {
	const struct report *report;
	const struct align_context *context;
	const char *from;       /* the domain to align with */
	gboolean has_mail_from; /* some result of SPF tells of a domain in MAIL FROM */
};

static const char *
get_from(const struct report *report, const struct record *record)
{
	const char *from = report_name(report, record->header_from);

	return *from ? from : report->policy.domain;
}

static gboolean
is_below(const char *domain, const char *above)
{
	gsize len = strlen(domain);
	gsize above_len = strlen(above);

	return above_len > 0 && len > above_len + 1 && domain[len - above_len - 1] == '.' &&
	       g_str_equal(domain + len - above_len, above);
}

static const struct auth_result *
get_result(const struct report *report, const struct run *run, guint i)
{
	return &g_array_index(report->auth_results, struct auth_result, run->first + i);
}

static gboolean
is_mail_from(const struct report *report, const struct auth_result *result)
{
	const char *scope = report_name(report, result->scope);

	return g_str_equal(scope, "mfrom") || !*scope;
}

static gboolean
find_mail_from(const struct report *report, const struct run *run)
{
	for (guint i = 0; i < run->n; i++) {
		const struct auth_result *result = get_result(report, run, i);
		if (result->kind == AUTH_SPF && is_mail_from(report, result) &&
		    *report_name(report, result->domain))
			return TRUE;
	}
	return FALSE;
}

/* Does DMARC look at this result? */
static gboolean
is_used(const struct alignment_search *search, const struct auth_result *result)
{
	return result->kind == AUTH_DKIM || is_mail_from(search->report, result) ||
	       (!search->has_mail_from &&
		g_str_equal(report_name(search->report, result->scope), "helo"));
}

static guint32
align_result(const struct alignment_search *search, const struct auth_result *result)
{
	gboolean is_dkim = result->kind == AUTH_DKIM;
	guint32 relaxed = is_dkim ? ALIGNMENT_DKIM_RELAXED : ALIGNMENT_SPF_RELAXED;
	guint32 strict = is_dkim ? ALIGNMENT_DKIM_STRICT : ALIGNMENT_SPF_STRICT;
	const char *domain = report_name(search->report, result->domain);

	if (!*domain || !*search->from ||
	    !g_str_equal(report_name(search->report, result->result), "pass"))
		return 0;
	if (g_str_equal(domain, search->from))
		return strict | relaxed;
	return search->context->is_same_org(search->context->cookie, domain, search->from) ? relaxed
											   : 0;
}

guint32
align_record(const struct report *report, const struct record *record,
	     const struct align_context *context)
{
	const struct run *run = &g_array_index(report->auth_sets, struct run, record->auth_set);
	const struct alignment_search search = {
		.report = report,
		.context = context,
		.from = get_from(report, record),
		.has_mail_from = find_mail_from(report, run),
	};
	guint32 bits = 0;

	for (guint i = 0; i < run->n; i++) {
		const struct auth_result *result = get_result(report, run, i);
		if (is_used(&search, result))
			bits |= align_result(&search, result);
	}
	if (is_below(search.from, report->policy.domain))
		bits |= ALIGNMENT_SUB;
	if (record->dkim == ALIGNED_PASS)
		bits |= ALIGNMENT_DKIM_REPORTED;
	if (record->spf == ALIGNED_PASS)
		bits |= ALIGNMENT_SPF_REPORTED;
	return bits;
}
