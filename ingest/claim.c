/* SPDX-License-Identifier: MIT */
#include "ingest/claim.h"

#include <string.h>

static const char *const report_types[] = {
	"application/gzip",
	"application/x-gzip",
	"application/zip",
	"application/x-zip",
	"application/x-zip-compressed",
	"application/xml",
	"text/xml",
	"application/dmarc+xml",
	"application/x-gzip-compressed",
	"application/tlsrpt+gzip",
	"application/tlsrpt+json",
};

static const char *const report_suffixes[] = { ".xml", ".gz", ".zip", ".xml.bz2", ".xml.xz" };

gboolean
claim_is_made(const struct mime_part *part)
{
	for (gsize i = 0; i < G_N_ELEMENTS(report_types); i++)
		if (g_str_equal(part->type, report_types[i]))
			return TRUE;
	g_autofree char *name = g_ascii_strdown(part->name, -1);
	for (gsize i = 0; i < G_N_ELEMENTS(report_suffixes); i++)
		if (g_str_has_suffix(name, report_suffixes[i]))
			return TRUE;
	return FALSE;
}

gboolean
claim_is_prose(const struct mime_part *part, enum sniff kind)
{
	if (!g_str_equal(part->type, "text/plain") && !g_str_equal(part->type, "text/html"))
		return FALSE;
	if (sniff_is_archive(kind))
		return FALSE;
	gsize i = 0;
	while (i < part->len && (g_ascii_isspace(part->bytes[i]) || part->bytes[i] >= 0x80))
		i++;
	const char *text = (const char *)part->bytes + i;
	gsize len = part->len - i;
	return !(len > 5 && memcmp(text, "<?xml", 5) == 0) &&
	       !(len > 9 && memcmp(text, "<feedback", 9) == 0);
}
