/* SPDX-License-Identifier: MIT */
#include "store/source_facts.h"

#include "core/report.h"

struct source_days *
source_days_new(void)
{
	struct source_days *days = g_new(struct source_days, 1);

	days->rows = g_array_new(FALSE, FALSE, sizeof(struct source_day));
	days->tallies = g_byte_array_new();
	return days;
}

void
source_days_clear(struct source_days *days)
{
	g_array_set_size(days->rows, 0);
	g_byte_array_set_size(days->tallies, 0);
}

void
source_days_free(struct source_days *days)
{
	if (!days)
		return;
	g_array_unref(days->rows);
	g_byte_array_unref(days->tallies);
	g_free(days);
}

void
source_facts_init(struct source_facts *facts)
{
	*facts = (struct source_facts){ .lists = tally_new() };
}

void
source_facts_clear(struct source_facts *facts)
{
	g_clear_pointer(&facts->lists, g_array_unref);
}

/* --- Made from days --- */

static void
add_totals(struct figures *figures, const struct totals *totals)
{
	figures->messages = count_add(figures->messages, totals->messages);
	figures->pass = count_add(figures->pass, totals->pass);
	figures->spf_pass = count_add(figures->spf_pass, totals->spf_pass);
	figures->dkim_pass = count_add(figures->dkim_pass, totals->dkim_pass);
	figures->forwarded = count_add(figures->forwarded, totals->forwarded);
	figures->orgmta = count_add(figures->orgmta, totals->explained);
}

/* Where a tally of marks is summed; NULL for kinds that are lists. */
static gint64 *
counter_of(struct figures *figures, enum tally_kind kind)
{
	switch (kind) {
	case TALLY_NEUTRAL:
		return &figures->neutral;
	case TALLY_BARE:
		return &figures->bare;
	case TALLY_NOOWN:
		return &figures->noown;
	case TALLY_ESP:
		return &figures->esp;
	case TALLY_TMP:
		return &figures->tmp;
	case TALLY_ALIGNMENT:
	case TALLY_VIA:
	case TALLY_SIGNED:
	case TALLY_BROKEN:
	case TALLY_BROKEN_COUNTED:
	default:
		return NULL;
	}
}

/* Marks are summed, the rest of tally becomes lists. */
static void
add_tally(struct source_facts *facts, const GArray *tally, GArray *lists, gboolean is_counted)
{
	g_array_set_size(lists, 0);
	for (guint i = 0; i < tally->len; i++) {
		struct tally_item item = g_array_index(tally, struct tally_item, i);
		enum tally_kind kind = tally_kind(&item);
		gint64 *all = counter_of(&facts->figures[SIDE_ALL], kind);
		if (!all) {
			g_array_append_val(lists, item);
			if (kind == TALLY_BROKEN && is_counted)
				tally_add(lists, TALLY_BROKEN_COUNTED, tally_key(&item), item.n);
			continue;
		}
		*all = count_add(*all, item.n);
		if (is_counted) {
			gint64 *counted = counter_of(&facts->figures[SIDE_COUNTED], kind);
			*counted = count_add(*counted, item.n);
		}
	}
	tally_merge(facts->lists, lists);
}

static gint
compare_items(gconstpointer a, gconstpointer b)
{
	const struct tally_item *x = a;
	const struct tally_item *y = b;

	if (tally_kind(x) != tally_kind(y))
		return tally_kind(x) < tally_kind(y) ? -1 : 1;
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return x->code < y->code ? -1 : x->code > y->code;
}

static gint
compare_codes(gconstpointer a, gconstpointer b)
{
	const struct tally_item *x = a;
	const struct tally_item *y = b;

	return x->code < y->code ? -1 : x->code > y->code;
}

/* Somebody who signs with a thousand domains does not make a row of a megabyte. */
static void
cut_lists(GArray *lists)
{
	guint n_kept = 0;
	guint n_of_kind = 0;

	if (lists->len <= SOURCE_KEYS_MAX)
		return;
	g_array_sort(lists, compare_items);
	for (guint i = 0; i < lists->len; i++) {
		const struct tally_item item = g_array_index(lists, struct tally_item, i);
		enum tally_kind before =
			i > 0 ? tally_kind(&g_array_index(lists, struct tally_item, n_kept - 1))
			      : tally_kind(&item);
		n_of_kind = tally_kind(&item) == before ? n_of_kind + 1 : 1;
		if (n_of_kind <= SOURCE_KEYS_MAX || tally_kind(&item) == TALLY_ALIGNMENT)
			g_array_index(lists, struct tally_item, n_kept++) = item;
	}
	g_array_set_size(lists, n_kept);
	g_array_sort(lists, compare_codes);
}

/* What is read of a day. */
struct day_tally {
	GArray *all;
	GArray *lists;
};

static gboolean
add_day(struct source_facts *facts, const struct source_days *days, const struct source_day *day,
	const struct day_tally *tally)
{
	g_array_set_size(tally->all, 0);
	if (!tally_unpack(tally->all, days->tallies->data + day->tally_at, day->tally_len))
		return FALSE;
	add_totals(&facts->figures[SIDE_ALL], &day->totals);
	if (day->voice != 0)
		add_totals(&facts->figures[SIDE_COUNTED], &day->totals);
	add_tally(facts, tally->all, tally->lists, day->voice != 0);
	return TRUE;
}

gboolean
source_facts_make(struct source_facts *facts, const struct source_slice *slice, gint64 from_day,
		  gint64 to_day)
{
	g_autoptr(GArray) all = tally_new();
	g_autoptr(GArray) lists = tally_new();
	const struct day_tally tally = { all, lists };
	g_autoptr(GHashTable) voices = NULL;
	gint64 seen[N_SIDES] = { G_MININT64, G_MININT64 };

	for (guint i = slice->first; i < slice->first + slice->n; i++) {
		const struct source_day *day =
			&g_array_index(slice->days->rows, struct source_day, i);
		if (day->day < from_day || day->day > to_day)
			continue;
		if (!add_day(facts, slice->days, day, &tally))
			return FALSE;
		for (enum side side = SIDE_ALL; side < N_SIDES; side++) {
			if (side == SIDE_COUNTED && day->voice == 0)
				continue;
			facts->figures[side].days += seen[side] != day->day;
			seen[side] = day->day;
		}
		if (day->voice == 0)
			continue;
		if (!voices)
			voices = g_hash_table_new(NULL, NULL);
		g_hash_table_add(voices, GUINT_TO_POINTER(day->voice));
	}
	/* What is bare has no signature of its own either. */
	for (enum side side = SIDE_ALL; side < N_SIDES; side++)
		facts->figures[side].noown =
			count_add(facts->figures[side].noown, facts->figures[side].bare);
	facts->reporters = voices ? g_hash_table_size(voices) : 0;
	cut_lists(facts->lists);
	return TRUE;
}

/* --- As bytes --- */

#define N_FIGURES 13
#define N_NUMBERS (N_SIDES * N_FIGURES + 6)

static void
list_numbers(struct source_facts *facts, gint64 *numbers[N_NUMBERS])
{
	guint n = 0;

	for (enum side side = SIDE_ALL; side < N_SIDES; side++) {
		struct figures *f = &facts->figures[side];
		gint64 *const of_side[N_FIGURES] = {
			&f->messages, &f->pass, &f->spf_pass, &f->dkim_pass, &f->forwarded,
			&f->neutral,  &f->bare, &f->ownsig,   &f->noown,     &f->orgmta,
			&f->esp,      &f->tmp,  &f->days,
		};
		for (guint i = 0; i < N_FIGURES; i++)
			numbers[n++] = of_side[i];
	}
	numbers[n++] = &facts->reporters;
	numbers[n++] = &facts->is_active;
	numbers[n++] = &facts->ever_passed;
	numbers[n++] = &facts->is_multi;
	numbers[n++] = &facts->ruf_samples;
	numbers[n++] = &facts->last_seen;
}

void
source_facts_pack(GByteArray *out, const struct source_facts *facts)
{
	struct source_facts copy = *facts;
	gint64 *numbers[N_NUMBERS];
	guint64 mask = 0;

	list_numbers(&copy, numbers);
	for (guint i = 0; i < N_NUMBERS; i++)
		if (*numbers[i] != 0)
			mask |= (guint64)1 << i;
	pack_uint(out, mask);
	for (guint i = 0; i < N_NUMBERS; i++)
		if (*numbers[i] != 0)
			pack_uint(out, (guint64)*numbers[i]);
	tally_pack(out, facts->lists);
}

gboolean
source_facts_unpack(struct source_facts *facts, gconstpointer bytes, gsize len)
{
	struct unpack in = { .at = bytes, .end = (const guint8 *)bytes + len };
	gint64 *numbers[N_NUMBERS];
	guint64 mask = unpack_uint(&in);

	list_numbers(facts, numbers);
	for (guint i = 0; i < N_NUMBERS; i++)
		*numbers[i] = mask & (guint64)1 << i ? (gint64)unpack_uint(&in) : 0;
	return !in.is_broken && tally_unpack(facts->lists, in.at, (gsize)(in.end - in.at));
}
