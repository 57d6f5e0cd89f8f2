/* SPDX-License-Identifier: MIT */
#include "store/sqlite_forget.h"

#include "core/document.h"

/* How one thing is forgotten. */
struct forget_kind {
	const char *list;         /* ids; parameters: kind, before, limit */
	gint64 kind;              /* enum document_kind */
	const char *const *steps; /* NULL-terminated; parameter: id */
};

static const char list_documents[] =
	"SELECT id FROM document WHERE kind = ?1 AND stored_at < ?2 ORDER BY stored_at LIMIT ?3";
static const char list_kept[] =
	"SELECT id FROM kept WHERE last_at < ?2 AND ?1 = ?1 ORDER BY last_at LIMIT ?3";

static const char *const document_steps[] = {
	"INSERT INTO document_past SELECT identity, content FROM document WHERE id = ? ON CONFLICT "
	"DO NOTHING",
	"UPDATE document_count SET forgotten = forgotten + 1 WHERE kind = (SELECT kind FROM "
	"document WHERE id = ?)",
	/* Its source may be judged by it. */
	"INSERT INTO unsettled SELECT address_id FROM document WHERE id = ? ON CONFLICT DO NOTHING",
	/* What contradicts a forgotten one contradicts it still. */
	"UPDATE document SET revision_of = 0 WHERE revision_of = ?",
	"DELETE FROM document_domain WHERE document_id = ?",
	"DELETE FROM document WHERE id = ?",
	NULL,
};

static const char *const kept_steps[] = {
	"UPDATE arrival SET kept = NULL WHERE kept = ?",
	"UPDATE state SET kept_forgotten = kept_forgotten + 1 WHERE ? > 0",
	"DELETE FROM kept WHERE id = ?",
	NULL,
};

static const struct forget_kind forget_kinds[N_FORGETS] = {
	[FORGET_FAILURES] = { list_documents, DOCUMENT_FAILURE, document_steps },
	[FORGET_COMPLAINTS] = { list_documents, DOCUMENT_COMPLAINT, document_steps },
	[FORGET_BOUNCES] = { list_documents, DOCUMENT_BOUNCE, document_steps },
	[FORGET_KEPT] = { list_kept, 0, kept_steps },
};

static gboolean
list_ids(struct db *db, const struct forget_kind *kind, gint64 before, GArray *ids, GError **error)
{
	enum db_row row;
	sqlite3_stmt *statement = db_prepare(db, kind->list, error);

	if (!statement)
		return FALSE;
	db_bind(statement, "iii", kind->kind, before, (gint64)FORGET_BATCH);
	while ((row = db_step(db, statement, error)) == DB_ROW) {
		gint64 id = sqlite3_column_int64(statement, 0);
		g_array_append_val(ids, id);
	}
	return row == DB_DONE;
}

static gboolean
forget_one(struct db *db, const char *const *steps, gint64 id, GError **error)
{
	for (; *steps; steps++) {
		sqlite3_stmt *statement = db_prepare(db, *steps, error);
		if (!statement || !db_run(db, db_bind(statement, "i", id), error))
			return FALSE;
	}
	return TRUE;
}

gboolean
forget_batch(struct db *db, gpointer data, GError **error)
{
	struct forget_edit *edit = data;
	const struct forget_kind *kind = &forget_kinds[edit->what];
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));

	if (!list_ids(db, kind, edit->before, ids, error) || !db_set_overwriting(db, TRUE, error))
		return FALSE;
	gboolean is_good = TRUE;
	for (guint i = 0; is_good && i < ids->len; i++)
		is_good = forget_one(db, kind->steps, g_array_index(ids, gint64, i), error);
	edit->n = ids->len;
	return db_set_overwriting(db, FALSE, is_good ? error : NULL) && is_good;
}
