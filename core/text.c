/* SPDX-License-Identifier: MIT */
#include "core/text.h"

#include <string.h>

/* windows-1252, 0x80 to 0x9f; 0 where the code page has a hole. The rest equals Latin-1. */
static const guint16 cp1252[32] = {
	0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
	0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
	0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

gunichar
text_read_cp1252(guint8 byte)
{
	if (byte < 0x80 || byte >= 0xa0)
		return byte;
	return cp1252[byte - 0x80] ? cp1252[byte - 0x80] : 0xfffd;
}

/* Characters that change how their neighbours show, or end a line, have no place in a name. */
static const struct {
	gunichar first;
	gunichar last;
} unwanted[] = {
	{ 0, 0x1f },        { 0x7f, 0x9f },     { 0x61c, 0x61c },   { 0x200b, 0x200f },
	{ 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb },
};

static gboolean
is_unwanted(gunichar c)
{
	for (gsize i = 0; i < G_N_ELEMENTS(unwanted); i++)
		if (c >= unwanted[i].first && c <= unwanted[i].last)
			return TRUE;
	/* The last two of each plane are no characters. */
	return (c & 0xfffe) == 0xfffe;
}

/* Words of printable ASCII with one space between them. */
static gboolean
is_plain(const char *bytes, gsize len)
{
	for (gsize i = 0; i < len; i++)
		if (bytes[i] < 0x20 || bytes[i] >= 0x7f || (bytes[i] == ' ' && bytes[i - 1] == ' '))
			return FALSE;
	return TRUE;
}

static gboolean
append_slowly(const char *bytes, gsize len, GString *out)
{
	const char *end = bytes + len;
	gsize start = out->len;
	gboolean is_intact = TRUE;
	gboolean has_gap = FALSE;

	while (bytes < end) {
		gunichar c = g_utf8_get_char_validated(bytes, end - bytes);
		if (c == (gunichar)-1 || c == (gunichar)-2) {
			c = text_read_cp1252((guint8)*bytes++);
			is_intact = FALSE;
		} else {
			bytes = g_utf8_next_char(bytes);
		}
		if (c < 0x80 && g_ascii_isspace((gchar)c)) {
			has_gap = out->len > start;
			continue;
		}
		if (is_unwanted(c)) {
			is_intact = FALSE;
			continue;
		}
		if (out->len - start + 8 > TEXT_LEN_MAX)
			return FALSE;
		if (has_gap)
			g_string_append_c(out, ' ');
		has_gap = FALSE;
		g_string_append_unichar(out, c);
	}
	return is_intact;
}

gboolean
text_clean(const char *bytes, gsize len, GString *out)
{
	while (len > 0 && g_ascii_isspace(*bytes)) {
		bytes++;
		len--;
	}
	while (len > 0 && g_ascii_isspace(bytes[len - 1]))
		len--;
	/* Nearly every value of a report is of short ASCII words. */
	if (len <= TEXT_LEN_MAX && is_plain(bytes, len)) {
		g_string_append_len(out, bytes, (gssize)len);
		return TRUE;
	}
	return append_slowly(bytes, len, out);
}

void
text_fold_domain(GString *text)
{
	while (text->len > 0 && text->str[text->len - 1] == '.')
		g_string_truncate(text, text->len - 1);
	for (gsize i = 0; i < text->len; i++)
		text->str[i] = g_ascii_tolower(text->str[i]);
}

void
text_cut(GString *text, gsize len)
{
	if (text->len <= len)
		return;
	/* Bytes 10xxxxxx go on with a character. */
	while (len > 0 && ((guint8)text->str[len] & 0xc0) == 0x80)
		len--;
	g_string_truncate(text, len);
}
