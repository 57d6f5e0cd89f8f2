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

/* Where code is, or would stand. Tallies are short: most have fewer than eight items. */
static guint
find(const GArray *tally, guint64 code)
{
	guint i = tally->len;

	while (i > 0 && g_array_index(tally, struct tally_item, i - 1).code >= code)
		i--;
	return i;
}

static void
add_code(GArray *tally, guint64 code, gint64 n)
{
	const struct tally_item item = { code, n };
	guint i = find(tally, code);

	if (n == 0)
		return;
	if (i == tally->len || g_array_index(tally, struct tally_item, i).code != code) {
		g_array_insert_val(tally, i, item);
		return;
	}
	struct tally_item *known = &g_array_index(tally, struct tally_item, i);
	known->n = count_add(known->n, n);
	if (known->n == 0)
		g_array_remove_index(tally, i);
}

void
tally_add(GArray *tally, enum tally_kind kind, guint32 key, gint64 n)
{
	add_code(tally, (guint64)key << 4 | kind, n);
}

void
tally_merge(GArray *tally, const GArray *more)
{
	for (guint i = 0; i < more->len; i++) {
		const struct tally_item *item = &g_array_index(more, struct tally_item, i);
		add_code(tally, item->code, item->n);
	}
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
	for (guint i = 0; i < whole->len; i++) {
		const struct tally_item *item = &g_array_index(whole, struct tally_item, i);
		add_code(tally, item->code, spread_count(spread, item->n, day));
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

	while (!unpack_at_end(&in)) {
		guint64 code = unpack_uint(&in);
		gint64 n = (gint64)unpack_uint(&in);
		if (in.is_broken)
			return FALSE;
		add_code(tally, code, n);
	}
	return TRUE;
}
