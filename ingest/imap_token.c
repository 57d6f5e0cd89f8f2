/* SPDX-License-Identifier: MIT */
#include "ingest/imap_token.h"

#include "ingest/imap_line.h"

static gboolean
is_at(const struct imap_cursor *cursor, const char *bytes)
{
	return cursor->at < cursor->end && strchr(bytes, *cursor->at) != NULL;
}

gboolean
imap_take_byte(struct imap_cursor *cursor, char byte)
{
	if (cursor->at == cursor->end || *cursor->at != (guint8)byte)
		return FALSE;
	cursor->at++;
	return TRUE;
}

void
imap_skip_spaces(struct imap_cursor *cursor)
{
	while (imap_take_byte(cursor, ' '))
		;
}

gboolean
imap_take_word(struct imap_cursor *cursor, const char *word)
{
	gsize len = strlen(word);
	gsize left = (gsize)(cursor->end - cursor->at);

	if (left < len || g_ascii_strncasecmp((const char *)cursor->at, word, len) != 0)
		return FALSE;
	if (left > len && cursor->at[len] != ' ')
		return FALSE;
	cursor->at += left > len ? len + 1 : len;
	return TRUE;
}

gboolean
imap_take_number(struct imap_cursor *cursor, guint64 max, guint64 *ret_number)
{
	guint64 number = 0;
	const guint8 *start = cursor->at;

	for (; cursor->at < cursor->end && g_ascii_isdigit(*cursor->at); cursor->at++) {
		guint digit = (guint)(*cursor->at - '0');
		if (number > (max - digit) / 10)
			return FALSE;
		number = number * 10 + digit;
	}
	*ret_number = number;
	return cursor->at > start;
}

gboolean
imap_take_atom(struct imap_cursor *cursor, GString *out)
{
	const guint8 *start = cursor->at;

	while (cursor->at<cursor->end && * cursor->at> ' ' && !is_at(cursor, "()\""))
		cursor->at++;
	g_string_append_len(out, (const char *)start, cursor->at - start);
	return cursor->at > start;
}

static gboolean
take_quoted(struct imap_cursor *cursor, GString *out)
{
	while (cursor->at < cursor->end && *cursor->at != '"') {
		if (*cursor->at == '\\' && cursor->end - cursor->at > 1)
			cursor->at++;
		g_string_append_c(out, (char)*cursor->at++);
	}
	return imap_take_byte(cursor, '"');
}

/* After "{". The reader made sure that the bytes are there; here they are only believed if so. */
static gboolean
take_literal(struct imap_cursor *cursor, GString *out)
{
	guint64 len;

	if (!imap_take_number(cursor, G_MAXUINT32, &len))
		return FALSE;
	imap_take_byte(cursor, '+');
	if (!imap_take_byte(cursor, '}'))
		return FALSE;
	imap_take_byte(cursor, '\r');
	if (!imap_take_byte(cursor, '\n') || len > (guint64)(cursor->end - cursor->at))
		return FALSE;
	g_string_append_len(out, (const char *)cursor->at, (gssize)len);
	cursor->at += len;
	return TRUE;
}

gboolean
imap_take_string(struct imap_cursor *cursor, GString *out)
{
	gsize start = out->len;

	if (imap_take_byte(cursor, '"'))
		return take_quoted(cursor, out);
	/* RFC 3516: a literal with any bytes. */
	if (cursor->end - cursor->at > 1 && cursor->at[0] == '~' && cursor->at[1] == '{')
		cursor->at++;
	if (imap_take_byte(cursor, '{'))
		return take_literal(cursor, out);
	if (!imap_take_atom(cursor, out))
		return FALSE;
	if (g_ascii_strcasecmp(out->str + start, "NIL") == 0)
		g_string_truncate(out, start);
	return TRUE;
}

gboolean
imap_skip_value(struct imap_cursor *cursor)
{
	g_autoptr(GString) unused = g_string_new(NULL);
	guint depth = 0;

	do {
		imap_skip_spaces(cursor);
		if (imap_take_byte(cursor, '(')) {
			if (++depth > IMAP_NESTING_MAX)
				return FALSE;
		} else if (imap_take_byte(cursor, ')')) {
			if (depth-- == 0)
				return FALSE;
		} else {
			g_string_truncate(unused, 0);
			if (!imap_take_string(cursor, unused))
				return FALSE;
		}
	} while (depth > 0);
	return TRUE;
}

gboolean
imap_literal_at_end(const guint8 *line, gsize len, guint64 *ret_len)
{
	gsize start;

	if (len < 3 || line[len - 1] != '}')
		return FALSE;
	len--;
	if (line[len - 1] == '+')
		len--;
	for (start = len; start > 0 && g_ascii_isdigit(line[start - 1]); start--)
		;
	if (start == len || start == 0 || line[start - 1] != '{')
		return FALSE;
	struct imap_cursor cursor = { line + start, line + len };
	if (!imap_take_number(&cursor, G_MAXUINT64, ret_len))
		*ret_len = G_MAXUINT64;
	return TRUE;
}
