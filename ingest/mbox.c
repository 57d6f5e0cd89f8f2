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
	gsize n_blank;       /* empty lines held back: before a separator they are not the mail's */
	gboolean is_in_mail; /* a separator was seen */
	gboolean after_blank; /* the line before was empty, or there was none */
	gboolean is_too_big;
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
	m->bytes = bytes;
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
	if (m->mail->len + len > m->max_mail_bytes)
		m->is_too_big = TRUE;
	if (m->is_too_big)
		g_byte_array_set_size(m->mail, 0);
	else
		g_byte_array_append(m->mail, bytes, (guint)len);
}

static void
append_line(struct mbox *m, const struct line *line)
{
	gsize skip = is_quoted(line) ? 1 : 0;

	for (; m->n_blank > 0; m->n_blank--)
		append(m, (const guint8 *)"\n", 1);
	append(m, line->bytes + skip, line->len - skip);
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
			/* Whatever it is, it is no separator. */
			m->is_too_big = TRUE;
			m->after_blank = FALSE;
			g_byte_array_set_size(m->carry, 0);
		}
		if (len > 0)
			g_byte_array_append(m->carry, m->bytes, (guint)len);
		*ret_line = (struct line){ m->carry->data, m->carry->len };
	}
	m->bytes += len;
	m->len -= len;
	return is_whole;
}

static enum mbox_step
end_mail(struct mbox *m, GBytes **ret_mail)
{
	gboolean is_too_big = m->is_too_big;

	m->is_too_big = FALSE;
	m->n_blank = 0;
	if (is_too_big)
		return MBOX_TOO_BIG;
	*ret_mail = g_byte_array_free_to_bytes(m->mail);
	m->mail = g_byte_array_new();
	return MBOX_MAIL;
}

enum mbox_step
mbox_next(struct mbox *m, GBytes **ret_mail)
{
	struct line line;

	while (next_line(m, &line)) {
		gboolean is_separator =
			m->after_blank && starts_with_separator(line.bytes, line.len);
		gboolean ends_mail = is_separator && m->is_in_mail;

		m->after_blank = is_blank(&line);
		if (is_separator)
			m->is_in_mail = TRUE;
		else if (m->after_blank)
			m->n_blank++;
		else if (m->is_in_mail)
			append_line(m, &line);
		g_byte_array_set_size(m->carry, 0);
		if (ends_mail)
			return end_mail(m, ret_mail);
	}
	if (!m->is_last || !m->is_in_mail)
		return MBOX_MORE;
	m->is_in_mail = FALSE;
	return end_mail(m, ret_mail);
}
