/* SPDX-License-Identifier: MIT */
#include "store/tally.h"

#include "core/facts.h"
#include "core/report.h"
#include "store/sqlite_spread.h"

GArray *
tally_new(void)
{
	return g_array_new(FALSE, FALSE, sizeof(struct tally_item));
}

GArray *
tally_copy(const GArray *tally)
{
	GArray *copy = g_array_sized_new(FALSE, FALSE, sizeof(struct tally_item), tally->len);

	return g_array_append_vals(copy, tally->data, tally->len);
}

/* Adds to what stands at or behind i. Returns where it stands, from where the next is sought. */
static guint
add_item(GArray *tally, guint i, const struct tally_item *item)
{
	while (i < tally->len && g_array_index(tally, struct tally_item, i).code < item->code)
		i++;
	if (item->n == 0)
		return i;
	if (i == tally->len || g_array_index(tally, struct tally_item, i).code != item->code) {
		if (i == TALLY_ITEMS_MAX)
			return i;
		g_array_set_size(tally, MIN(tally->len, TALLY_ITEMS_MAX - 1));
		g_array_insert_vals(tally, i, item, 1);
		return i;
	}
	struct tally_item *known = &g_array_index(tally, struct tally_item, i);
	known->n = count_add(known->n, item->n);
	if (known->n == 0)
		g_array_remove_index(tally, i);
	return i;
}

void
tally_add(GArray *tally, enum tally_kind kind, guint32 key, gint64 n)
{
	const struct tally_item item = { (guint64)key << 4 | kind, n };
	guint i = tally->len;

	/* From the end: most names come in the order of their ids. */
	while (i > 0 && g_array_index(tally, struct tally_item, i - 1).code >= item.code)
		i--;
	add_item(tally, i, &item);
}

void
tally_merge(GArray *tally, const GArray *more)
{
	guint at = 0;

	for (guint i = 0; i < more->len; i++)
		at = add_item(tally, at, &g_array_index(more, struct tally_item, i));
}

void
tally_add_record(GArray *tally, const struct stored_record *record)
{
	static const struct {
		guint32 mark;
		enum tally_kind kind;
	} counters[] = {
		{ ROW_NEUTRAL, TALLY_NEUTRAL }, { ROW_BARE, TALLY_BARE },
		{ ROW_NOOWN, TALLY_NOOWN },     { ROW_ESP, TALLY_ESP },
		{ ROW_TMP, TALLY_TMP },
	};

	guint32 marks =
		record->marks & ROW_BARE ? record->marks & ~(guint32)ROW_NOOWN : record->marks;

	for (gsize i = 0; marks != 0 && i < G_N_ELEMENTS(counters); i++)
		if (marks & counters[i].mark)
			tally_add(tally, counters[i].kind, 0, record->count);
	if (record->alignment != 0)
		tally_add(tally, TALLY_ALIGNMENT, record->alignment, record->count);
	if (record->via != PACK_NO_NAME)
		tally_add(tally, TALLY_VIA, record->via, record->count);
	if (record->signatures != PACK_NO_NAME)
		tally_add(tally, record->dkim == ALIGNED_PASS ? TALLY_SIGNED : TALLY_BROKEN,
			  record->signatures, record->count);
}

void
tally_spread(GArray *tally, const GArray *whole, const struct spread *spread, gint64 day)
{
	guint at = 0;

	for (guint i = 0; i < whole->len; i++) {
		struct tally_item part = g_array_index(whole, struct tally_item, i);
		part.n = spread_count(spread, part.n, day);
		at = add_item(tally, at, &part);
	}
}

void
tally_pack(GByteArray *out, const GArray *tally)
{
	for (guint i = 0; i < tally->len; i++) {
		const struct tally_item *item = &g_array_index(tally, struct tally_item, i);
		pack_uint(out, item->code);
		pack_uint(out, (guint64)item->n);
	}
}

gboolean
tally_unpack(GArray *tally, gconstpointer bytes, gsize len)
{
	struct unpack in = { .at = bytes, .end = (const guint8 *)bytes + len };
	guint64 before = 0;
	guint at = 0;

	for (gboolean is_first = TRUE; !unpack_at_end(&in); is_first = FALSE) {
		guint64 code = unpack_uint(&in);
		const struct tally_item item = { code, (gint64)unpack_uint(&in) };
		if (in.is_broken || (!is_first && code <= before))
			return FALSE;
		at = add_item(tally, at, &item);
		before = code;
	}
	return TRUE;
}
