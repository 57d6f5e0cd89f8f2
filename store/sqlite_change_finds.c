/* SPDX-License-Identifier: MIT */
/* The side of store/change_store.h that finds changes: whose turn it is, and what was found. */
#include "core/change_list.h"
#include "store/change_store.h"
#include "store/sqlite_view.h"
#include "store/store_private.h"

#define DAY_S 86400

/* --- Whose turn it is --- */

static void
look_free(gpointer data)
{
	struct change_look *look = data;

	g_free(look->domain);
	g_free(look);
}

static gboolean
read_looks(struct store_view *view, sqlite3_stmt *statement, GPtrArray *looks, GError **error)
{
	enum db_row row;

	while ((row = db_step(view_db(view), statement, error)) == DB_ROW) {
		struct change_look *look = g_new0(struct change_look, 1);
		look->id = sqlite3_column_int64(statement, 0);
		look->due = sqlite3_column_int64(statement, 1);
		g_ptr_array_add(looks, look);
	}
	return row == DB_DONE;
}

GPtrArray *
query_change_looks(struct store_view *view, guint limit, GError **error)
{
	g_autoptr(GPtrArray) looks = g_ptr_array_new_with_free_func(look_free);
	struct db *db = view_db(view);
	gint64 today = view_now(view) / DAY_S;
	/* Days become complete, and silences long, without any mail. */
	sqlite3_stmt *statement = db_prepare(
		db,
		"SELECT domain_id, due, looked_day FROM change_look WHERE due > 0 UNION ALL "
		"SELECT l.domain_id, 0, l.looked_day FROM change_look l WHERE l.looked_day < ?1 "
		"AND l.due = 0 AND (l.domain_id = 0 OR EXISTS (SELECT 1 FROM domain d WHERE d.id = "
		"l.domain_id AND d.last_day >= ?2)) ORDER BY looked_day LIMIT ?3",
		error);

	if (!statement)
		return NULL;
	db_bind(statement, "iii", today, today - CHANGE_ASLEEP_DAYS, (gint64)limit);
	if (!read_looks(view, statement, looks, error))
		return NULL;
	for (guint i = 0; i < looks->len; i++) {
		struct change_look *look = g_ptr_array_index(looks, i);
		look->domain = look->id ? view_name(view, look->id) : g_strdup("");
	}
	return g_steal_pointer(&looks);
}

static gboolean
end_look(struct db *db, const struct change_look *look, gint64 today, GError **error)
{
	sqlite3_stmt *statement = db_prepare(
		db,
		"UPDATE change_look SET looked_day = ?3, due = iif(due = ?2, 0, due) WHERE "
		"domain_id = ?1",
		error);

	return statement &&
	       db_run(db, db_bind(statement, "iii", look->id, look->due, today), error);
}

/* --- What was found --- */

struct finding_edit {
	struct change_findings *findings;
	gint64 now;
};

/* What makes it one line with others. Caller frees. */
static char *
make_line(const struct change *change, const char *key, const char *network_key)
{
	return *network_key ? g_strdup_printf("%s-%s", network_key, class_name(change->class))
			    : g_strdup(key);
}

static gboolean
is_known(struct db *db, const char *key, gboolean *ret_is_known, GError **error)
{
	gint64 n;
	sqlite3_stmt *statement = db_prepare(db, "SELECT 1 FROM change WHERE key = ?", error);

	if (!statement || !db_number(db, db_bind(statement, "t", key), 0, &n, error))
		return FALSE;
	*ret_is_known = n != 0;
	return TRUE;
}

#define CHANGE_SQL                                                                               \
	"INSERT INTO change VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, "    \
	"?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22) ON CONFLICT DO UPDATE SET "                \
	"day = excluded.day, before = excluded.before, after = excluded.after, "                 \
	"class = excluded.class, n_1 = excluded.n_1, of_1 = excluded.of_1, n_2 = excluded.n_2, " \
	"of_2 = excluded.of_2, n_3 = excluded.n_3, of_3 = excluded.of_3, n_4 = excluded.n_4, "   \
	"of_4 = excluded.of_4, network_key = excluded.network_key, line = excluded.line"

static gboolean
keep_change(struct db *db, const struct change *change, gint64 now, gboolean *ret_is_new,
	    GError **error)
{
	const struct change_kind_row *kind = &change_kinds[change->kind];
	char key[CHANGE_KEY_LEN];
	char mute_key[CHANGE_KEY_LEN];
	char network_key[CHANGE_KEY_LEN] = "";
	gboolean was_known;
	sqlite3_stmt *statement = db_prepare(db, CHANGE_SQL, error);

	change_key(change, key);
	change_mute_key(change, mute_key);
	if (change_has_network(change)) {
		const struct change network = change_network(change, 0, 0);
		change_mute_key(&network, network_key);
	}
	g_autofree char *line = make_line(change, key, network_key);
	if (!statement || !is_known(db, key, &was_known, error))
		return FALSE;
	db_bind(statement, "titittttti", key, (gint64)kind->rule, kind->name, change->day,
		change->domain, change->object, change->part, change->was, change->is,
		(gint64)change->class);
	for (int i = 0; i < CHANGE_NUMBERS_MAX; i++) {
		sqlite3_bind_int64(statement, 11 + 2 * i, change->numbers[i].n);
		sqlite3_bind_int64(statement, 12 + 2 * i, change->numbers[i].whole);
	}
	sqlite3_bind_text(statement, 19, mute_key, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 20, network_key, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 21, line, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 22, now);
	*ret_is_new = !was_known;
	return db_run(db, statement, error);
}

static gboolean
forget_old(struct db *db, gint64 today, GError **error)
{
	sqlite3_stmt *statement = db_prepare(db, "DELETE FROM change WHERE day < ?", error);

	return statement && db_run(db, db_bind(statement, "i", today - CHANGE_KEPT_DAYS), error);
}

static gboolean
keep_findings(struct db *db, gpointer data, GError **error)
{
	const struct finding_edit *edit = data;
	struct change_findings *findings = edit->findings;
	gint64 today = edit->now / DAY_S;
	gboolean is_new;

	findings->n_new = 0;
	for (guint i = 0; i < findings->changes->len; i++) {
		if (!keep_change(db, g_ptr_array_index(findings->changes, i), edit->now, &is_new,
				 error))
			return FALSE;
		findings->n_new += is_new;
	}
	for (guint i = 0; i < findings->looks->len; i++)
		if (!end_look(db, g_ptr_array_index(findings->looks, i), today, error))
			return FALSE;
	return forget_old(db, today, error);
}

gboolean
store_edit_changes(struct store *store, struct change_findings *findings, GError **error)
{
	struct finding_edit edit = { findings, store_now(store) };

	return store_edit(store, keep_findings, &edit, error);
}
