/* SPDX-License-Identifier: MIT */
#include "ingest/imap_items.h"

static gboolean
read_uid(struct imap_fetch *fetch, struct imap_cursor *cursor)
{
	guint64 uid;

	if (!imap_take_number(cursor, G_MAXUINT32, &uid) || uid == 0)
		return FALSE;
	fetch->uid = (guint32)uid;
	return fetch->has_uid = TRUE;
}

static gboolean
read_size(struct imap_fetch *fetch, struct imap_cursor *cursor)
{
	return fetch->has_size = imap_take_number(cursor, G_MAXINT64, &fetch->size);
}

static gboolean
read_flags(struct imap_fetch *fetch, struct imap_cursor *cursor)
{
	static const struct {
		const char *name;
		enum imap_flag flag;
	} known[] = {
		{ "\\Seen", IMAP_FLAG_SEEN },
		{ "\\Flagged", IMAP_FLAG_FLAGGED },
		{ "\\Deleted", IMAP_FLAG_DELETED },
	};
	g_autoptr(GString) word = g_string_new(NULL);

	if (!imap_take_byte(cursor, '('))
		return FALSE;
	imap_skip_spaces(cursor);
	while (!imap_take_byte(cursor, ')')) {
		g_string_truncate(word, 0);
		if (!imap_take_atom(cursor, word))
			return FALSE;
		for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
			if (g_ascii_strcasecmp(word->str, known[i].name) == 0)
				fetch->flags |= known[i].flag;
		imap_skip_spaces(cursor);
	}
	return fetch->has_flags = TRUE;
}

/* "17" and what stands behind it. */
static gboolean
take_part(struct imap_cursor *cursor, char behind, gint *ret_part)
{
	guint64 number;

	if (!imap_take_number(cursor, 9999, &number))
		return FALSE;
	*ret_part = (gint)number;
	return behind == '\0' || imap_take_byte(cursor, behind);
}

/* Jul-: 7, else 0. */
static gint
take_month(struct imap_cursor *cursor)
{
	static const char *const months[] = { "Jan-", "Feb-", "Mar-", "Apr-", "May-", "Jun-",
					      "Jul-", "Aug-", "Sep-", "Oct-", "Nov-", "Dec-" };

	for (gsize i = 0; i < G_N_ELEMENTS(months) && cursor->end - cursor->at >= 4; i++) {
		if (g_ascii_strncasecmp((const char *)cursor->at, months[i], 4) != 0)
			continue;
		cursor->at += 4;
		return (gint)i + 1;
	}
	return 0;
}

/* -0700, in seconds. */
static gboolean
take_zone(struct imap_cursor *cursor, gint64 *ret_offset)
{
	gboolean is_west = imap_take_byte(cursor, '-');
	gint zone;

	if ((!is_west && !imap_take_byte(cursor, '+')) || !take_part(cursor, '\0', &zone))
		return FALSE;
	*ret_offset = (gint64)(zone / 100 * 60 + zone % 100) * (is_west ? -60 : 60);
	return TRUE;
}

/* 17-Jul-1996 02:44:25 -0700; what is none of that is no date, but no fault either: 0. */
static gint64
read_date(const GString *text)
{
	struct imap_cursor cursor = { (guint8 *)text->str, (guint8 *)text->str + text->len };
	gint day, month, year, hour, minute, second;
	gint64 offset;

	imap_skip_spaces(&cursor);
	if (!take_part(&cursor, '-', &day) || !(month = take_month(&cursor)) ||
	    !take_part(&cursor, ' ', &year) || !take_part(&cursor, ':', &hour) ||
	    !take_part(&cursor, ':', &minute) || !take_part(&cursor, ' ', &second) ||
	    !take_zone(&cursor, &offset))
		return 0;
	g_autoptr(GDateTime) date = g_date_time_new_utc(year, month, day, hour, minute, second);
	return date ? g_date_time_to_unix(date) - offset : 0;
}

static gboolean
read_internal_date(struct imap_fetch *fetch, struct imap_cursor *cursor)
{
	g_autoptr(GString) text = g_string_new(NULL);

	if (!imap_take_string(cursor, text))
		return FALSE;
	fetch->arrived_at = MAX(read_date(text), 0);
	return TRUE;
}

static gboolean
read_body(struct imap_fetch *fetch, struct imap_cursor *cursor)
{
	g_string_truncate(fetch->body, 0);
	return fetch->has_body = imap_take_string(cursor, fetch->body);
}

/* name<offset> */
static void
split_offset(GString *name, guint64 *ret_offset)
{
	char *open = strchr(name->str, '<');
	guint64 offset;

	if (!open)
		return;
	struct imap_cursor digits = { (guint8 *)open + 1, (guint8 *)name->str + name->len };
	if (imap_take_number(&digits, G_MAXINT64, &offset))
		*ret_offset = offset;
	g_string_truncate(name, (gsize)(open - name->str));
}

static gboolean
read_item(struct imap_fetch *fetch, struct imap_cursor *cursor)
{
	static const struct {
		const char *name;
		gboolean (*read)(struct imap_fetch *fetch, struct imap_cursor *cursor);
	} items[] = {
		{ "UID", read_uid },     { "RFC822.SIZE", read_size },
		{ "FLAGS", read_flags }, { "INTERNALDATE", read_internal_date },
		{ "BODY[]", read_body },
	};
	g_autoptr(GString) name = g_string_new(NULL);

	if (!imap_take_atom(cursor, name))
		return FALSE;
	/* BODY[HEADER.FIELDS (DATE)]: not asked for, and its name is several words. */
	while (strchr(name->str, '[') && !strchr(name->str, ']')) {
		if (cursor->at == cursor->end)
			return FALSE;
		g_string_append_c(name, (char)*cursor->at++);
	}
	if (!imap_take_byte(cursor, ' '))
		return FALSE;
	guint64 offset = fetch->offset;
	split_offset(name, &offset);
	for (gsize i = 0; i < G_N_ELEMENTS(items); i++) {
		if (g_ascii_strcasecmp(name->str, items[i].name) != 0)
			continue;
		fetch->offset = offset;
		return items[i].read(fetch, cursor);
	}
	return imap_skip_value(cursor);
}

gboolean
imap_items_read(struct imap_fetch *fetch, struct imap_cursor *cursor)
{
	if (!imap_take_byte(cursor, '('))
		return FALSE;
	imap_skip_spaces(cursor);
	while (!imap_take_byte(cursor, ')')) {
		if (!read_item(fetch, cursor))
			return FALSE;
		imap_skip_spaces(cursor);
	}
	return TRUE;
}
