/* SPDX-License-Identifier: MIT */
#include "ingest/imap_line.h"

/* Base64 with "," for "/" and without padding: what stands between "&" and "-". */
static void
append_shifted(GString *out, const gunichar *text, glong len)
{
	glong n_units;
	g_autofree gunichar2 *units = g_ucs4_to_utf16(text, len, NULL, &n_units, NULL);
	g_autoptr(GByteArray) bytes = g_byte_array_new();

	for (glong i = 0; i < n_units; i++) {
		const guint8 pair[] = { (guint8)(units[i] >> 8), (guint8)(units[i] & 0xff) };
		g_byte_array_append(bytes, pair, sizeof(pair));
	}
	g_autofree char *base64 = g_base64_encode(bytes->data, bytes->len);
	g_strdelimit(base64, "/", ',');
	base64[strcspn(base64, "=")] = '\0';
	g_string_append_printf(out, "&%s-", base64);
}

char *
imap_name_encode(const char *utf8)
{
	GString *out = g_string_new(NULL);
	glong len = 0;
	g_autofree gunichar *text = g_utf8_to_ucs4(utf8, -1, NULL, &len, NULL);

	/* Not UTF-8: the server will say what it thinks of it. */
	if (!text)
		return g_string_free(g_string_assign(out, utf8), FALSE);
	for (glong i = 0; i < len;) {
		glong start = i;
		while (i < len && (text[i] < 0x20 || text[i] > 0x7e))
			i++;
		if (i > start) {
			append_shifted(out, text + start, i - start);
			continue;
		}
		g_string_append_c(out, (char)text[i]);
		if (text[i] == '&')
			g_string_append_c(out, '-');
		i++;
	}
	return g_string_free(out, FALSE);
}

/* The text between "&" and "-", as UTF-8. FALSE where it is none. */
static gboolean
unshift(const char *start, gsize len, GString *out)
{
	g_autoptr(GString) base64 = g_string_new_len(start, (gssize)len);
	gsize n_bytes;

	for (char *at = base64->str; *at; at++)
		if (*at == ',')
			*at = '/';
	while (base64->len % 4)
		g_string_append_c(base64, '=');
	g_autofree guchar *bytes = g_base64_decode(base64->str, &n_bytes);
	if (n_bytes < 2)
		return FALSE;
	g_autofree gunichar2 *units = g_new0(gunichar2, n_bytes / 2);
	for (gsize i = 0; i + 1 < n_bytes; i += 2)
		units[i / 2] = (gunichar2)(bytes[i] << 8 | bytes[i + 1]);
	g_autofree char *utf8 = g_utf16_to_utf8(units, (glong)(n_bytes / 2), NULL, NULL, NULL);
	if (!utf8)
		return FALSE;
	g_string_append(out, utf8);
	return TRUE;
}

char *
imap_name_decode(const char *name)
{
	g_autoptr(GString) out = g_string_new(NULL);

	for (const char *at = name; *at;) {
		const char *end = *at == '&' ? strchr(at, '-') : NULL;
		if (*at != '&') {
			g_string_append_c(out, *at++);
			continue;
		}
		if (!end)
			return g_utf8_make_valid(name, -1);
		if (end == at + 1)
			g_string_append_c(out, '&');
		else if (!unshift(at + 1, (gsize)(end - at - 1), out))
			return g_utf8_make_valid(name, -1);
		at = end + 1;
	}
	return g_utf8_make_valid(out->str, (gssize)out->len);
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
