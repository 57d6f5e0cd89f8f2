/* SPDX-License-Identifier: MIT */
#include "core/lint.h"

#define DAY_S         86400

typedef void check_fn(struct document *document, gint64 now);

static void
check_reporter(struct document *document, gint64 now)
{
	const struct report *report = &document->report;

	(void)now;
	if (*report->org_name == '\0')
		document_warn(document, "missing-org_name", "");
	if (*report->org_email == '\0')
		document_warn(document, "missing-org_email", "");
	if (*report->report_id == '\0')
		document_warn(document, "missing-report_id", "");
}

static void
check_period(struct document *document, gint64 now)
{
	const struct report *report = &document->report;

	if (report->end_at < report->begin_at)
		document_warn(document, "end-before-begin", "");
	if (report->begin_at <= 0)
		document_warn(document, "period-at-epoch", "");
	if (report->end_at > now + 2 * DAY_S)
		document_warn(document, "period-in-future", "");
}

static void
check_records(struct document *document, gint64 now)
{
	const GArray *records = document->report.records;
	gint64 messages = 0;

	(void)now;
	if (records->len == 0)
		document_warn(document, "no-records", "");
	for (guint i = 0; i < records->len; i++) {
		const struct record *record = &g_array_index(records, struct record, i);
		messages = count_add(messages, record->count);
		if (record->header_from == 0)
			document_warn(document, "missing-header_from", "");
		if (record->dkim == ALIGNED_MISSING && record->spf == ALIGNED_MISSING)
			document_warn(document, "missing-policy_evaluated", "");
		if (record->disposition == DISPOSITION_MISSING)
			document_warn(document, "missing-disposition", "");
	}
	if (messages == G_MAXINT64)
		document_warn(document, "message-sum-too-large", "");
}

static check_fn *const checks[] = { check_reporter, check_period, check_records };

void
lint_document(struct document *document, gint64 now)
{
	for (gsize i = 0; i < G_N_ELEMENTS(checks); i++)
		checks[i](document, now);
}
