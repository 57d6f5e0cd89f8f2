/* SPDX-License-Identifier: MIT */
#include "ingest/imap_line.h"

/* RFC 3501 section 5.1.3, as the C library knows it. */
#define MODIFIED_UTF_7 "UTF-7-IMAP"

char *
imap_name_encode(const char *utf8)
{
	char *name = g_convert(utf8, -1, MODIFIED_UTF_7, "UTF-8", NULL, NULL, NULL);

	/* Not UTF-8: the server will say what it thinks of it. */
	return name ? name : g_strdup(utf8);
}

char *
imap_name_decode(const char *name)
{
	g_autofree char *utf8 = g_convert(name, -1, "UTF-8", MODIFIED_UTF_7, NULL, NULL, NULL);
	g_autofree char *again = utf8 ? imap_name_encode(utf8) : NULL;

	/* What is cut short is shown as it is, not as what is left of it. */
	return g_strcmp0(name, again) == 0 ? g_steal_pointer(&utf8) : g_utf8_make_valid(name, -1);
}

char *
imap_quote(const char *text)
{
	GString *out = g_string_new("\"");

	for (; *text; text++) {
		if (*text == '\r' || *text == '\n' || (guchar)*text > 0x7e) {
			g_string_free(out, TRUE);
			return NULL;
		}
		if (*text == '"' || *text == '\\')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *text);
	}
	g_string_append_c(out, '"');
	return g_string_free(out, FALSE);
}
