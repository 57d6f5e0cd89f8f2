/* SPDX-License-Identifier: MIT */
/*
 * Whether mail of a sender passes anywhere, while sources are settled: each is judged by what is
 * known then, and who was judged by something else than what came out is marked. Most senders of a
 * first load are known after a few sources.
 */
#include "core/report.h"
#include "store/sqlite_context_private.h"

/* What a source was judged by. */
struct sender_note {
	guint32 sender;
	guint32 address;
	gboolean has_passes;
};

GHashTable *
context_passes_new(void)
{
	return g_hash_table_new_full(NULL, NULL, NULL, g_free);
}

GArray *
context_notes_new(void)
{
	return g_array_new(FALSE, FALSE, sizeof(struct sender_note));
}

/* The passes of a sender, to be counted on. NULL and error on failure. */
static gint64 *
read_passes(struct contexts *contexts, guint32 sender, GError **error)
{
	gint64 *known = g_hash_table_lookup(contexts->passes, GUINT_TO_POINTER(sender));
	gint64 passes;

	if (known)
		return known;
	sqlite3_stmt *statement = db_prepare(
		contexts->db, "SELECT passes FROM sender_passes WHERE sender = ?", error);
	if (!statement ||
	    !db_number(contexts->db, db_bind(statement, "i", (gint64)sender), 0, &passes, error))
		return NULL;
	known = g_memdup2(&passes, sizeof(passes));
	g_hash_table_insert(contexts->passes, GUINT_TO_POINTER(sender), known);
	return known;
}

gboolean
contexts_move_passes(struct contexts *contexts, const struct source_row *row, int sign,
		     GError **error)
{
	gint64 more = source_row_sender_passes(row);
	gint64 *passes = more != 0 ? read_passes(contexts, row->sender, error) : NULL;

	if (passes)
		*passes += sign * more;
	return more == 0 || passes;
}

gboolean
context_has_passes(struct contexts *contexts, guint32 address, guint32 sender,
		   gboolean *ret_has_passes, GError **error)
{
	*ret_has_passes = FALSE;
	if (sender == PACK_NO_NAME)
		return TRUE;
	const gint64 *passes = read_passes(contexts, sender, error);
	if (!passes)
		return FALSE;
	*ret_has_passes = *passes > 0;
	const struct sender_note note = { sender, address, *ret_has_passes };
	g_array_append_val(contexts->notes, note);
	return TRUE;
}

gboolean
contexts_mark_misjudged(struct contexts *contexts, GError **error)
{
	struct db *db = contexts->db;
	sqlite3_stmt *mark =
		db_prepare(db, "INSERT INTO unjudged VALUES (?) ON CONFLICT DO NOTHING", error);

	for (guint i = 0; mark && i < contexts->notes->len; i++) {
		const struct sender_note *note =
			&g_array_index(contexts->notes, struct sender_note, i);
		const gint64 *passes =
			g_hash_table_lookup(contexts->passes, GUINT_TO_POINTER(note->sender));
		if (note->has_passes != (*passes > 0) &&
		    !db_run(db, db_bind(mark, "i", (gint64)note->address), error))
			return FALSE;
	}
	return mark != NULL;
}
