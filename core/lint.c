/* SPDX-License-Identifier: MIT */
#include "core/lint.h"

#include <string.h>

#include "core/error.h"

#define DAY_S             86400
#define CLOCK_TOLERANCE_S (2 * DAY_S) /* clocks differ, and end may be the next midnight */
#define DOMAIN_LEN_MAX    253

static const char *const policies[] = { "", "none", "quarantine", "reject" };

static gboolean
refuse(GError **error, const char *why)
{
	g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_INVALID, "not a usable report: %s", why);
	return FALSE;
}

/* Without these nothing can be counted: it would be for no domain, or at no time. */
static gboolean
is_countable(const struct report *report, GError **error)
{
	if (!*report->org_name && !*report->org_email && !*report->report_id &&
	    report->begin_at == LINT_NO_INSTANT && report->end_at == LINT_NO_INSTANT)
		return refuse(error, "report_metadata is missing or empty");
	if (report->begin_at == LINT_NO_INSTANT && report->end_at == LINT_NO_INSTANT)
		return refuse(error, "it has no period (date_range is missing or unreadable)");
	if (!*report->policy.domain)
		return refuse(error, "it names no domain (policy_published/domain is missing)");
	if (strlen(report->policy.domain) > DOMAIN_LEN_MAX)
		return refuse(error, "its domain is longer than 253 characters");
	return TRUE;
}

static void
complete_period(struct document *document)
{
	struct report *report = &document->report;

	if (report->begin_at == LINT_NO_INSTANT) {
		report->begin_at = report->end_at;
		document_warn(document, "begin-missing",
			      "period without a begin: taken as its end");
	} else if (report->end_at == LINT_NO_INSTANT) {
		report->end_at = report->begin_at;
		document_warn(document, "end-missing", "period without an end: taken as its begin");
	}
}

/*
 * Neither an old period nor a long one is odd by itself: the samples in the RFCs are of 1975 and
 * 1979, and test reports cover years. report_day() says where a long one counts.
 */
static void
check_period(struct document *document, gint64 now)
{
	const struct report *report = &document->report;

	if (report->begin_at <= 0)
		document_warn(document, "period-unset", "period begins at zero, which is 1970");
	if (report->end_at < report->begin_at)
		document_warn(document, "period-reversed", "period ends before it begins");
	if (report->begin_at > now + CLOCK_TOLERANCE_S || report->end_at > now + CLOCK_TOLERANCE_S)
		document_warn(document, "period-future", "period lies in the future");
}

static gboolean
is_policy(const char *word)
{
	for (gsize i = 0; i < G_N_ELEMENTS(policies); i++)
		if (g_ascii_strcasecmp(word, policies[i]) == 0)
			return TRUE;
	return FALSE;
}

static void
check_policy(struct document *document)
{
	const struct policy *policy = &document->report.policy;
	const char *const words[] = { policy->p, policy->sp, policy->np };

	for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
		if (!is_policy(words[i]))
			document_warn(document, "policy-unknown", words[i]);
}

static void
check_names(struct document *document)
{
	const struct report *report = &document->report;

	if (!*report->org_name)
		document_warn(document, "org-name-missing", "report without org_name");
	if (!*report->org_email)
		document_warn(document, "email-missing", "report without email");
	if (!*report->report_id)
		document_warn(document, "report-id-missing", "report without report_id");
}

static void
check_records(struct document *document)
{
	const struct report *report = &document->report;
	gint64 messages = report->taken_messages;

	if (report->records->len + report->n_taken == 0)
		document_warn(document, "no-records", "report without a record");
	for (guint i = 0; i < report->records->len; i++)
		messages =
			count_add(messages, g_array_index(report->records, struct record, i).count);
	if (messages == G_MAXINT64)
		document_warn(document, "sum-too-large", "the counts add up to more than 2^63");
}

gboolean
lint_report(struct document *document, gint64 now, GError **error)
{
	if (!is_countable(&document->report, error))
		return FALSE;
	complete_period(document);
	check_period(document, now);
	check_policy(document);
	check_names(document);
	check_records(document);
	return TRUE;
}
