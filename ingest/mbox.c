/* SPDX-License-Identifier: MIT */
#include "ingest/mbox.h"

#include <string.h>

struct mbox {
	gsize max_mail_bytes;
	const guint8 *bytes; /* not looked at yet */
	gsize len;
	gboolean is_last;
	GByteArray *carry; /* a line whose end has not come yet */
	GByteArray *mail;
	guint8 held[2]; /* an empty line: before a separator it is not the mail's */
	gsize held_len;
	gboolean is_in_mail;  /* a separator was seen */
	gboolean after_blank; /* the line before was empty, or there was none */
	gboolean is_too_big;
	gboolean is_long_line; /* the beginning of the line was too much to keep */
};

struct line {
	const guint8 *bytes;
	gsize len; /* with its end */
};

static const char separator[] = "From ";

struct mbox *
mbox_new(gsize max_mail_bytes)
{
	struct mbox *m = g_new0(struct mbox, 1);

	m->max_mail_bytes = max_mail_bytes;
	m->carry = g_byte_array_new();
	m->mail = g_byte_array_new();
	m->after_blank = TRUE;
	return m;
}

void
mbox_free(struct mbox *m)
{
	if (!m)
		return;
	g_byte_array_unref(m->carry);
	g_byte_array_unref(m->mail);
	g_free(m);
}

void
mbox_add(struct mbox *m, const guint8 *bytes, gsize len, gboolean is_last)
{
	/* Nothing may come without an address. */
	m->bytes = bytes ? bytes : (const guint8 *)"";
	m->len = len;
	m->is_last = is_last;
}

static gboolean
starts_with_separator(const guint8 *bytes, gsize len)
{
	return len >= strlen(separator) && memcmp(bytes, separator, strlen(separator)) == 0;
}

static gboolean
is_blank(const struct line *line)
{
	return line->len > 0 &&
	       (line->bytes[0] == '\n' || (line->len == 2 && line->bytes[0] == '\r'));
}

/* mboxrd: a line of ">" and "From " has one ">" too many. */
static gboolean
is_quoted(const struct line *line)
{
	gsize i = 0;

	while (i < line->len && line->bytes[i] == '>')
		i++;
	return i > 0 && starts_with_separator(line->bytes + i, line->len - i);
}

static void
append(struct mbox *m, const guint8 *bytes, gsize len)
{
	if (m->is_long_line || m->mail->len + len > m->max_mail_bytes)
		m->is_too_big = TRUE;
	if (m->is_too_big)
		g_byte_array_set_size(m->mail, 0);
	else
		g_byte_array_append(m->mail, bytes, (guint)len);
}

static void
append_held(struct mbox *m)
{
	append(m, m->held, m->held_len);
	m->held_len = 0;
}

static void
append_line(struct mbox *m, const struct line *line)
{
	gsize skip = is_quoted(line) ? 1 : 0;

	append_held(m);
	append(m, line->bytes + skip, line->len - skip);
}

static void
hold_line(struct mbox *m, const struct line *line)
{
	append_held(m);
	memcpy(m->held, line->bytes, line->len);
	m->held_len = line->len;
}

/* Cut the next line off the input. FALSE: its end is not there yet. */
static gboolean
next_line(struct mbox *m, struct line *ret_line)
{
	const guint8 *end = m->len > 0 ? memchr(m->bytes, '\n', m->len) : NULL;
	gsize len = end ? (gsize)(end - m->bytes) + 1 : m->len;
	gboolean is_whole = end || (m->is_last && m->carry->len + len > 0);

	*ret_line = (struct line){ m->bytes, len };
	if (m->carry->len > 0 || !is_whole) {
		if (m->carry->len + len > m->max_mail_bytes) {
			m->is_long_line = TRUE;
			g_byte_array_set_size(m->carry, 0);
		}
		if (len > 0)
			g_byte_array_append(m->carry, m->bytes, (guint)len);
		*ret_line = (struct line){ m->carry->data, m->carry->len };
	}
	m->is_long_line = m->is_long_line || ret_line->len > m->max_mail_bytes;
	m->bytes += len;
	m->len -= len;
	return is_whole;
}

static enum mbox_step
end_mail(struct mbox *m, GBytes **ret_mail)
{
	gboolean is_too_big = m->is_too_big;

	m->is_too_big = FALSE;
	m->held_len = 0;
	if (is_too_big)
		return MBOX_TOO_BIG;
	*ret_mail = g_byte_array_free_to_bytes(m->mail);
	m->mail = g_byte_array_new();
	return MBOX_MAIL;
}

/* An empty line belongs to the mail only where something follows it. */
static void
take_line(struct mbox *m, const struct line *line)
{
	if (m->after_blank)
		hold_line(m, line);
	else
		append_line(m, line);
}

enum mbox_step
mbox_next(struct mbox *m, GBytes **ret_mail)
{
	struct line line;

	while (next_line(m, &line)) {
		/* A line that is longer than a mail may be is neither a separator nor empty. */
		gboolean is_separator = !m->is_long_line && m->after_blank &&
					starts_with_separator(line.bytes, line.len);
		gboolean ends_mail = is_separator && m->is_in_mail;

		m->after_blank = !m->is_long_line && is_blank(&line);
		if (is_separator)
			m->is_in_mail = TRUE;
		else if (m->is_in_mail)
			take_line(m, &line);
		m->is_long_line = FALSE;
		g_byte_array_set_size(m->carry, 0);
		if (ends_mail)
			return end_mail(m, ret_mail);
	}
	if (!m->is_last || !m->is_in_mail)
		return MBOX_MORE;
	m->is_in_mail = FALSE;
	return end_mail(m, ret_mail);
}
