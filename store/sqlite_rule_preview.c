/* SPDX-License-Identifier: MIT */
/* What a change of rules would do: sources are judged as the writer would, and nothing is written.
 */
#include "core/document.h"
#include "store/rules.h"
#include "store/sqlite_context.h"
#include "store/sqlite_rule_edit.h"
#include "store/sqlite_rule_reach.h"
#include "store/sqlite_rules.h"
#include "store/sqlite_view.h"

#define DAY_S 86400

struct trial {
	struct db *db;
	struct contexts *contexts;
	const struct rule_change *change;
	gint64 first_id;     /* that the first new rule will have; above all others */
	struct rules *then;  /* in force after the change */
	struct rules *added; /* the new ones alone */
	GArray *rows;        /* struct source_row */
	struct query_rule_preview *preview;
};

void
query_rule_preview_clear(struct query_rule_preview *preview)
{
	g_clear_pointer(&preview->rivals, g_array_unref);
}

static void
share_add(struct rule_share *share, gint64 messages)
{
	share->sources++;
	share->messages = count_add(share->messages, messages);
}

static gboolean
read_rules(struct trial *trial, GError **error)
{
	sqlite3_stmt *last =
		db_prepare(trial->db, "SELECT coalesce(max(id), 0) FROM user_rule", error);

	trial->then = rules_read(trial->db, error);
	if (!last || !trial->then || !db_number(trial->db, last, 0, &trial->first_id, error))
		return FALSE;
	trial->first_id++;
	rules_drop(trial->then, trial->change->ends);
	for (guint i = 0; i < trial->change->n_adds; i++) {
		struct user_rule rule = trial->change->adds[i].rule;
		rule.id = trial->first_id + i;
		rules_add(trial->then, &rule);
		rules_add(trial->added, &rule);
	}
	return TRUE;
}

/* --- Which addresses --- */

static gint
compare_ids(gconstpointer a, gconstpointer b)
{
	gint64 x = *(const gint64 *)a;
	gint64 y = *(const gint64 *)b;

	return x < y ? -1 : x > y;
}

/* The ids in order, each once, and no more than are looked at. */
static void
settle_ids(GArray *ids, gboolean *ret_is_cut)
{
	guint n = 0;

	g_array_sort(ids, compare_ids);
	for (guint i = 0; i < ids->len; i++) {
		gint64 id = g_array_index(ids, gint64, i);
		if (n == 0 || g_array_index(ids, gint64, n - 1) != id)
			g_array_index(ids, gint64, n++) = id;
	}
	g_array_set_size(ids, MIN(n, RULE_PREVIEW_ADDRESSES_MAX));
	*ret_is_cut |= n > RULE_PREVIEW_ADDRESSES_MAX;
}

static gboolean
list_addresses(struct trial *trial, GArray *ids, GError **error)
{
	const struct rule_change *change = trial->change;
	const guint max = RULE_PREVIEW_ADDRESSES_MAX + 1;

	if (change->ends != 0 &&
	    !rule_reach_list_labelled(trial->db, change->ends, max, ids, error))
		return FALSE;
	for (guint i = 0; i < change->n_adds; i++) {
		settle_ids(ids, &trial->preview->is_cut);
		if (!rule_reach_list(trial->db, &change->adds[i].rule, max, ids, error))
			return FALSE;
	}
	settle_ids(ids, &trial->preview->is_cut);
	return TRUE;
}

/* --- What becomes of each --- */

static void
note_rival(GArray *rivals, gint64 id, gint64 messages)
{
	for (guint i = 0; i < rivals->len; i++) {
		struct rule_rival *rival = &g_array_index(rivals, struct rule_rival, i);
		if (rival->id == id) {
			share_add(&rival->share, messages);
			return;
		}
	}
	const struct rule_rival rival = { id, { 1, messages } };
	g_array_append_val(rivals, rival);
}

/* Another rule speaks: would one of the new ones have, too? */
static gboolean
look_for_rival(struct trial *trial, guint32 address, const struct source_row *row,
	       const struct verdict *then, GError **error)
{
	struct verdict alone;

	if (trial->change->n_adds == 0 || then->user_rule == 0)
		return TRUE;
	if (!contexts_judge_by(trial->contexts, trial->added, address, row, &alone, error))
		return FALSE;
	if (alone.user_rule != 0)
		note_rival(trial->preview->rivals, then->user_rule,
			   row->body.totals[WINDOW_30D].messages);
	return TRUE;
}

static gboolean
try_source(struct trial *trial, guint32 address, const struct source_row *row, GError **error)
{
	const struct verdict *now = &row->verdict;
	gint64 messages = row->body.totals[WINDOW_30D].messages;
	struct query_rule_preview *preview = trial->preview;
	struct verdict then;

	if (!contexts_judge_by(trial->contexts, trial->then, address, row, &then, error))
		return FALSE;
	gboolean is_new = then.user_rule >= trial->first_id;
	gboolean is_freed = trial->change->ends != 0 && now->user_rule == trial->change->ends;
	if (is_new || is_freed) {
		share_add(&preview->labelled, messages);
		share_add(&preview->moves[now->class][then.class], messages);
	}
	return is_new || look_for_rival(trial, address, row, &then, error);
}

static gboolean
try_addresses(struct trial *trial, const GArray *ids, GError **error)
{
	for (guint i = 0; i < ids->len; i++) {
		guint32 address = (guint32)g_array_index(ids, gint64, i);
		source_rows_clear(trial->rows);
		if (!source_rows_read(trial->db, address, trial->rows, error))
			return FALSE;
		for (guint k = 0; k < trial->rows->len; k++)
			if (!try_source(trial, address,
					&g_array_index(trial->rows, struct source_row, k), error))
				return FALSE;
	}
	return TRUE;
}

/* --- The whole --- */

static gint
compare_rivals(gconstpointer a, gconstpointer b)
{
	const struct rule_rival *x = a;
	const struct rule_rival *y = b;

	if (x->share.messages != y->share.messages)
		return x->share.messages > y->share.messages ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static gboolean
run(struct trial *trial, gint64 now, GError **error)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	GArray *rivals = trial->preview->rivals;

	if (!rule_edit_check(trial->db, trial->change, now, error) || !read_rules(trial, error) ||
	    !list_addresses(trial, ids, error) || !try_addresses(trial, ids, error))
		return FALSE;
	g_array_sort(rivals, compare_rivals);
	g_array_set_size(rivals, MIN(rivals->len, RULE_PREVIEW_RIVALS_MAX));
	return TRUE;
}

gboolean
query_rule_preview(struct store_view *view, const struct rule_change *change,
		   struct query_rule_preview *ret_preview, GError **error)
{
	struct db *db = view_db(view);
	gint64 now = view_now(view);
	/* As the writer judges: rules begin and end with the day. */
	g_autoptr(contexts_auto) contexts = contexts_new(db, view_judge(view), now / DAY_S * DAY_S);
	g_autoptr(rules_auto) added = rules_new();
	struct query_rule_preview preview = {
		.rivals = g_array_new(FALSE, FALSE, sizeof(struct rule_rival)),
	};
	struct trial trial = {
		.db = db,
		.contexts = contexts,
		.change = change,
		.added = added,
		.rows = source_rows_new(),
		.preview = &preview,
	};

	gboolean is_done = run(&trial, now, error);
	g_array_unref(trial.rows);
	rules_free(trial.then);
	if (is_done)
		*ret_preview = preview;
	else
		query_rule_preview_clear(&preview);
	return is_done;
}
