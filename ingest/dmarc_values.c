/* SPDX-License-Identifier: MIT */
#include "ingest/dmarc_values.h"

#define DIGITS_MAX         19
#define MILLISECOND_DIGITS 13

static const char *const dispositions[] = {
	[DISPOSITION_NONE] = "none",
	[DISPOSITION_PASS] = "pass",
	[DISPOSITION_QUARANTINE] = "quarantine",
	[DISPOSITION_REJECT] = "reject",
};

static const char *const results[] = {
	"none",      "pass",      "fail",    "softfail", "policy",   "neutral",
	"temperror", "permerror", "unknown", "error",    "hardfail",
};

static gboolean
is_digits(const char *text)
{
	gsize len = strspn(text, "0123456789");

	return len > 0 && len <= DIGITS_MAX && text[len] == '\0';
}

gint64
dmarc_read_count(struct document *document, const char *text)
{
	gint64 count;

	if (is_digits(text) && g_ascii_string_to_signed(text, 10, 0, DMARC_COUNT_MAX, &count, NULL))
		return count;
	document_warn(document, "count-invalid", text);
	return 0;
}

static gboolean
read_iso_time(struct document *document, const char *text, gint64 *ret_at)
{
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, utc);

	if (!time)
		return FALSE;
	document_warn(document, "date-not-in-seconds", text);
	*ret_at = g_date_time_to_unix(time);
	return TRUE;
}

gboolean
dmarc_read_time(struct document *document, const char *text, gint64 *ret_at)
{
	gint64 at;
	g_autofree char *whole = NULL;

	/* 2012: seconds with a fraction of zero. */
	if (g_str_has_suffix(text, ".0"))
		text = whole = g_strndup(text, strlen(text) - 2);
	if (!is_digits(text))
		return read_iso_time(document, text, ret_at);
	if (!g_ascii_string_to_signed(text, 10, 0, G_MAXINT64, &at, NULL))
		return FALSE;
	if (strlen(text) == MILLISECOND_DIGITS) {
		document_warn(document, "date-in-milliseconds", text);
		at /= 1000;
	}
	*ret_at = at;
	return TRUE;
}

enum disposition
dmarc_read_disposition(struct document *document, const char *text)
{
	if (*text == '\0') {
		document_warn(document, "missing-disposition", "");
		return DISPOSITION_MISSING;
	}
	for (gsize i = DISPOSITION_NONE; i < G_N_ELEMENTS(dispositions); i++)
		if (g_str_equal(text, dispositions[i]))
			return (enum disposition)i;
	document_warn(document, "unknown-disposition", text);
	return DISPOSITION_OTHER;
}

enum aligned
dmarc_read_aligned(struct document *document, const char *text)
{
	if (*text == '\0')
		return ALIGNED_MISSING;
	if (g_ascii_strcasecmp(text, "pass") == 0)
		return ALIGNED_PASS;
	if (g_ascii_strcasecmp(text, "fail") != 0)
		document_warn(document, "unknown-policy_evaluated", text);
	return ALIGNED_FAIL;
}

void
dmarc_check_result(struct document *document, enum auth_kind kind, const char *text)
{
	for (gsize i = 0; i < G_N_ELEMENTS(results); i++)
		if (g_str_equal(text, results[i]))
			return;
	document_warn(document, kind == AUTH_DKIM ? "unknown-dkim-result" : "unknown-spf-result",
		      text);
}
