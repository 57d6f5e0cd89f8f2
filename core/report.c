/* SPDX-License-Identifier: MIT */
#include "core/report.h"

#include <string.h>

#define DAY_S            86400
#define ONE_DAY_PERIOD_S (36 * 3600)

static const char *const forwarding_types[] = { "forwarded", "trusted_forwarder", "mailing_list" };

const char *
report_reporter(const struct report *report)
{
	if (*report->org_name)
		return report->org_name;
	const char *at = strrchr(report->org_email, '@');
	if (at && at[1])
		return at + 1;
	return "unknown";
}

gint64
count_add(gint64 a, gint64 b)
{
	gint64 sum;

	return __builtin_add_overflow(a, b, &sum) ? G_MAXINT64 : sum;
}

gint64
report_day(const struct report *report)
{
	gint64 at = report->begin_at;
	gint64 length = report->end_at - report->begin_at;

	if (length > 0 && length <= ONE_DAY_PERIOD_S)
		at += length / 2;
	return at >= 0 ? at / DAY_S : -((-at + DAY_S - 1) / DAY_S);
}

static gboolean
has_arc_pass(const char *comment)
{
	g_autofree char *lower = g_ascii_strdown(comment, -1);

	return strstr(lower, "arc=pass") != NULL;
}

gboolean
reason_is_forwarding(const char *type, const char *comment)
{
	for (gsize i = 0; i < G_N_ELEMENTS(forwarding_types); i++)
		if (g_ascii_strcasecmp(type, forwarding_types[i]) == 0)
			return TRUE;
	return g_ascii_strcasecmp(type, "local_policy") == 0 && has_arc_pass(comment);
}
