/* SPDX-License-Identifier: MIT */
#include "store/sqlite_source_sums.h"

#include "core/report.h"
#include "store/sqlite_alignment_sums.h"
#include "store/sqlite_day_sums.h"
#include "store/sqlite_domain_figures.h"
#include "store/sqlite_sender_sums.h"
#include "store/sqlite_window_sums.h"

#define N_PASSES 8

/* A row of domain_passes, as what is to be added to it. */
struct domain_sum {
	gint64 passes[N_PASSES];
};

struct source_sums {
	struct day_sums *day_sums;
	struct window_sums *window_sums;
	struct alignment_sums *alignment_sums;
	struct sender_sums *sender_sums;
	GHashTable *domains; /* id -> struct domain_sum */
	GHashTable *senders; /* id -> gint64 * */
};

struct source_sums *
source_sums_new(void)
{
	struct source_sums *sums = g_new(struct source_sums, 1);

	sums->day_sums = day_sums_new();
	sums->window_sums = window_sums_new();
	sums->alignment_sums = alignment_sums_new();
	sums->sender_sums = sender_sums_new();
	sums->domains = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	sums->senders = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	return sums;
}

void
source_sums_free(struct source_sums *sums)
{
	if (!sums)
		return;
	day_sums_free(sums->day_sums);
	window_sums_free(sums->window_sums);
	alignment_sums_free(sums->alignment_sums);
	sender_sums_free(sums->sender_sums);
	g_hash_table_unref(sums->domains);
	g_hash_table_unref(sums->senders);
	g_free(sums);
}

/* Without messages a source is in no window; without an address its messages have no source. */
void
source_sums_windows(struct source_sums *sums, guint32 address, enum reach reach, const GArray *rows,
		    int sign)
{
	guint32 guards[N_WINDOWS][N_CLASSES] = { { 0 } }; /* that stand there already, as bits */

	sender_sums_move(sums->sender_sums, address, rows, sign);
	for (guint i = 0; i < rows->len; i++) {
		const struct source_row *row = &g_array_index(rows, struct source_row, i);
		for (enum window w = WINDOW_7D; w < N_WINDOWS; w++) {
			struct window_place place = { row->domain, w, row->verdict.class,
						      row->guard, reach };
			guint32 *there = &guards[w][row->verdict.class];
			const struct window_first first = { *there == 0,
							    !(*there & 1U << row->guard) };
			if (row->body.totals[w].messages == 0)
				continue;
			window_sums_move(sums->window_sums, &place, &row->body.totals[w],
					 address != 0 ? &first : NULL, sign);
			*there |= 1U << row->guard;
		}
	}
}

void
source_sums_days(struct source_sums *sums, guint32 domain, const struct source_days *days,
		 enum class from, enum class to)
{
	const enum class classes[2] = { from, to };

	if (from == to)
		return;
	for (guint i = 0; i < days->rows->len; i++) {
		const struct source_day *day = &g_array_index(days->rows, struct source_day, i);
		if (day->domain == domain)
			day_sums_move(sums->day_sums, domain, day->day, classes, &day->totals);
	}
}

static gpointer
find_or_add(GHashTable *table, guint32 id, gsize size)
{
	gpointer sum = g_hash_table_lookup(table, GUINT_TO_POINTER(id));

	if (!sum) {
		sum = g_malloc0(size);
		g_hash_table_insert(table, GUINT_TO_POINTER(id), sum);
	}
	return sum;
}

void
source_sums_passes(struct source_sums *sums, const struct source_row *row, int sign)
{
	const struct figures *all = &row->facts.figures[SIDE_ALL];
	const struct figures *counted = &row->facts.figures[SIDE_COUNTED];
	const gint64 passes[] = { all->pass, all->dkim_pass, counted->pass, counted->dkim_pass };
	gint64 of_sender = source_row_sender_passes(row);

	if (all->pass != 0) {
		struct domain_sum *sum = find_or_add(sums->domains, row->domain, sizeof(*sum));
		for (guint i = 0; i < G_N_ELEMENTS(passes); i++) {
			sum->passes[i] += row->facts.is_active ? sign * passes[i] : 0;
			sum->passes[G_N_ELEMENTS(passes) + i] += sign * passes[i];
		}
	}
	if (of_sender != 0)
		*(gint64 *)find_or_add(sums->senders, row->sender, sizeof(gint64)) +=
			sign * of_sender;
}

gboolean
source_sums_alignment(struct source_sums *sums, struct db *db, guint32 address,
		      const struct source_row *row, int sign, GError **error)
{
	return alignment_sums_add(sums->alignment_sums, db, address, row, sign, error);
}

/* --- Written --- */

static gboolean
write_domain(struct db *db, guint32 domain, const struct domain_sum *sum, GError **error)
{
	sqlite3_stmt *statement = db_prepare(
		db,
		"INSERT INTO domain_passes VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, '') "
		"ON CONFLICT DO UPDATE SET active = active + ?2, active_signed = active_signed + "
		"?3, active_counted = active_counted + ?4, active_counted_signed = "
		"active_counted_signed + ?5, every = every + ?6, every_signed = every_signed + ?7, "
		"every_counted = every_counted + ?8, every_counted_signed = every_counted_signed + "
		"?9",
		error);

	if (!statement)
		return FALSE;
	sqlite3_bind_int64(statement, 1, domain);
	for (int i = 0; i < N_PASSES; i++)
		sqlite3_bind_int64(statement, 2 + i, sum->passes[i]);
	return db_run(db, statement, error);
}

/* What the domain's sources were judged by: caps of both sides, then whether it signs. Where that
 * is not written, it follows from the figures, which are those of before still. */
static gboolean
read_effect(struct db *db, const struct store_judge *judge, guint32 domain,
	    struct domain_effect *effect, GError **error)
{
	struct domain_figures figures[N_SIDES];

	sqlite3_stmt *statement =
		db_prepare(db, "SELECT effect FROM domain_passes WHERE domain_id = ?", error);

	memset(effect, 0, sizeof(*effect));
	if (!statement)
		return FALSE;
	enum db_row row = db_step(db, db_bind(statement, "i", (gint64)domain), error);
	if (row == DB_FAILED)
		return FALSE;
	g_auto(GStrv) words = g_strsplit(row == DB_ROW ? db_peek_text(statement, 0) : "", " ", 4);
	sqlite3_reset(statement);
	if (g_strv_length(words) != 4) {
		if (!context_domain_figures(db, domain, figures, error))
			return FALSE;
		judge->weigh_domain(judge->cookie, figures, effect);
	} else {
		for (int side = SIDE_ALL; side < N_SIDES; side++) {
			effect->cap[side] = g_ascii_strtoll(words[side], NULL, 10);
			effect->signs[side] = words[N_SIDES + side][0] == '1';
		}
	}
	return TRUE;
}

static gboolean
write_effect(struct db *db, guint32 domain, const struct domain_effect *effect, GError **error)
{
	g_autofree char *text = g_strdup_printf(
		"%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %d %d", effect->cap[SIDE_ALL],
		effect->cap[SIDE_COUNTED], effect->signs[SIDE_ALL], effect->signs[SIDE_COUNTED]);
	sqlite3_stmt *statement =
		db_prepare(db, "UPDATE domain_passes SET effect = ? WHERE domain_id = ?", error);

	return statement && db_run(db, db_bind(statement, "ti", text, (gint64)domain), error);
}

/* A cap tells only of sources with a broken signature and more failing mail than it. */
static gboolean
mark_beyond_cap(struct db *db, guint32 domain, gint64 cap, GError **error)
{
	sqlite3_stmt *statement =
		db_prepare(db,
			   "INSERT INTO unjudged SELECT DISTINCT address_id FROM source_signature "
			   "WHERE domain_id = ? AND broken_fail > ? ON CONFLICT DO NOTHING",
			   error);

	return statement && db_run(db, db_bind(statement, "ii", (gint64)domain, cap), error);
}

static gboolean
mark_domain(struct db *db, guint32 domain, GError **error)
{
	sqlite3_stmt *statement = db_prepare(
		db, "INSERT INTO unjudged_domain VALUES (?) ON CONFLICT DO NOTHING", error);

	return statement && db_run(db, db_bind(statement, "i", (gint64)domain), error);
}

static gboolean
weigh_domain(struct db *db, const struct store_judge *judge, guint32 domain,
	     const struct domain_sum *sum, GError **error)
{
	struct domain_figures figures[N_SIDES];
	struct domain_effect before;
	struct domain_effect after;

	if (!read_effect(db, judge, domain, &before, error) ||
	    !write_domain(db, domain, sum, error) ||
	    !context_domain_figures(db, domain, figures, error))
		return FALSE;
	judge->weigh_domain(judge->cookie, figures, &after);
	if (before.signs[SIDE_ALL] != after.signs[SIDE_ALL] ||
	    before.signs[SIDE_COUNTED] != after.signs[SIDE_COUNTED]) {
		if (!mark_domain(db, domain, error))
			return FALSE;
	} else if (before.cap[SIDE_ALL] != after.cap[SIDE_ALL] ||
		   before.cap[SIDE_COUNTED] != after.cap[SIDE_COUNTED]) {
		gint64 cap = MIN(MIN(before.cap[SIDE_ALL], after.cap[SIDE_ALL]),
				 MIN(before.cap[SIDE_COUNTED], after.cap[SIDE_COUNTED]));
		if (!mark_beyond_cap(db, domain, cap, error))
			return FALSE;
	}
	return write_effect(db, domain, &after, error);
}

static gboolean
write_sender(struct db *db, guint32 sender, gint64 more, gboolean has_others, GError **error)
{
	gint64 before;
	sqlite3_stmt *read =
		db_prepare(db, "SELECT passes FROM sender_passes WHERE sender = ?", error);
	sqlite3_stmt *write = db_prepare(
		db, "INSERT OR REPLACE INTO sender_passes (sender, passes) VALUES (?, ?)", error);
	sqlite3_stmt *mark = db_prepare(
		db, "INSERT INTO unjudged_sender VALUES (?) ON CONFLICT DO NOTHING", error);

	if (!read || !write || !mark ||
	    !db_number(db, db_bind(read, "i", (gint64)sender), 0, &before, error) ||
	    !db_run(db, db_bind(write, "ii", (gint64)sender, before + more), error))
		return FALSE;
	return !has_others || (before > 0) == (before + more > 0) ||
	       db_run(db, db_bind(mark, "i", (gint64)sender), error);
}

static gboolean
write_passes(struct source_sums *sums, struct db *db, const struct store_judge *judge,
	     gboolean has_others, GError **error)
{
	GHashTableIter iter;
	gpointer id;
	gpointer sum;

	g_hash_table_iter_init(&iter, sums->domains);
	while (g_hash_table_iter_next(&iter, &id, &sum))
		if (!weigh_domain(db, judge, GPOINTER_TO_UINT(id), sum, error))
			return FALSE;
	g_hash_table_iter_init(&iter, sums->senders);
	while (g_hash_table_iter_next(&iter, &id, &sum)) {
		gint64 more = *(const gint64 *)sum;
		if (more != 0 && !write_sender(db, GPOINTER_TO_UINT(id), more, has_others, error))
			return FALSE;
	}
	g_hash_table_remove_all(sums->domains);
	g_hash_table_remove_all(sums->senders);
	return TRUE;
}

gboolean
source_sums_write(struct source_sums *sums, struct db *db, const struct store_judge *judge,
		  gboolean has_others, GError **error)
{
	return day_sums_write(sums->day_sums, db, error) &&
	       window_sums_write(sums->window_sums, db, error) &&
	       alignment_sums_write(sums->alignment_sums, db, error) &&
	       sender_sums_write(sums->sender_sums, db, error) &&
	       write_passes(sums, db, judge, has_others, error);
}
