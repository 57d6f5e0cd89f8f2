/* SPDX-License-Identifier: MIT */
#include "store/sqlite_recall.h"

#include "core/document.h"

/* A report is built that has the words and sets of the records, as far as they were met. */
struct recall {
	struct db *db;
	guint32 domain;
	struct document *document;
	struct row_reader *reader;
	GHashTable *names; /* id of the store -> index in the report, both as pointers */
	GHashTable *auth_sets;
	GHashTable *reason_sets;
};

static gboolean
read_name(struct recall *recall, guint32 id, guint32 *ret_index, GError **error)
{
	struct report *report = &recall->document->report;
	gpointer known;

	if (g_hash_table_lookup_extended(recall->names, GUINT_TO_POINTER(id), NULL, &known)) {
		*ret_index = GPOINTER_TO_UINT(known);
		return TRUE;
	}
	sqlite3_stmt *statement =
		db_prepare(recall->db, "SELECT text FROM name WHERE id = ?", error);
	if (!statement)
		return FALSE;
	if (db_step(recall->db, db_bind(statement, "i", (gint64)id), error) != DB_ROW)
		return *error ? FALSE : db_fail_damaged(recall->db, "the name", id, error);
	*ret_index = report->names->len;
	g_ptr_array_add(report->names,
			document_string(recall->document, db_peek_text(statement, 0)));
	sqlite3_reset(statement);
	g_hash_table_insert(recall->names, GUINT_TO_POINTER(id), GUINT_TO_POINTER(*ret_index));
	return TRUE;
}

static GBytes *
read_body(struct recall *recall, const char *sql, guint32 id, GError **error)
{
	sqlite3_stmt *statement = db_prepare(recall->db, sql, error);

	if (!statement)
		return NULL;
	if (db_step(recall->db, db_bind(statement, "i", (gint64)id), error) != DB_ROW) {
		if (!*error)
			db_fail_damaged(recall->db, "the set", id, error);
		return NULL;
	}
	GBytes *body = db_blob(statement, 0);
	sqlite3_reset(statement);
	return body;
}

static struct unpack
unpack_of(GBytes *body)
{
	gsize len;
	const guint8 *at = g_bytes_get_data(body, &len);

	return (struct unpack){ .at = at, .end = at + len };
}

/* Words of a packed set into indexes of the report's names. */
static gboolean
read_words(struct recall *recall, struct unpack *in, guint32 *const *words, guint n, GError **error)
{
	for (guint i = 0; i < n; i++)
		if (!read_name(recall, unpack_id(in), words[i], error))
			return FALSE;
	return TRUE;
}

static gboolean
add_auths(struct recall *recall, struct unpack *in, GError **error)
{
	while (!unpack_at_end(in)) {
		struct auth_result auth = { .kind = (enum auth_kind)unpack_id(in) };
		guint32 *const words[] = { &auth.domain, &auth.selector, &auth.scope, &auth.result,
					   &auth.human_result };
		if (!read_words(recall, in, words, G_N_ELEMENTS(words), error))
			return FALSE;
		g_array_append_val(recall->document->report.auth_results, auth);
	}
	return TRUE;
}

static gboolean
add_reasons(struct recall *recall, struct unpack *in, GError **error)
{
	while (!unpack_at_end(in)) {
		struct reason reason = { 0, 0 };
		guint32 *const words[] = { &reason.type, &reason.comment };
		if (!read_words(recall, in, words, G_N_ELEMENTS(words), error))
			return FALSE;
		g_array_append_val(recall->document->report.reasons, reason);
	}
	return TRUE;
}

/* Where a kind of set is kept, in the store and in the report. */
struct set_kind {
	const char *sql;
	gboolean (*add)(struct recall *recall, struct unpack *in, GError **error);
	GHashTable *known;
	GArray *items;
	GArray *runs;
};

static gboolean
read_set(struct recall *recall, const struct set_kind *kind, guint32 id, guint32 *ret_index,
	 GError **error)
{
	gpointer known;
	struct run run = { .first = kind->items->len };

	if (g_hash_table_lookup_extended(kind->known, GUINT_TO_POINTER(id), NULL, &known)) {
		*ret_index = GPOINTER_TO_UINT(known);
		return TRUE;
	}
	g_autoptr(GBytes) body = read_body(recall, kind->sql, id, error);
	if (!body)
		return FALSE;
	struct unpack in = unpack_of(body);
	if (!kind->add(recall, &in, error))
		return FALSE;
	run.n = kind->items->len - run.first;
	*ret_index = kind->runs->len;
	g_array_append_val(kind->runs, run);
	g_hash_table_insert(kind->known, GUINT_TO_POINTER(id), GUINT_TO_POINTER(*ret_index));
	return TRUE;
}

gboolean
recall_record(struct recall *recall, struct stored_record *stored, GError **error)
{
	struct report *report = &recall->document->report;
	struct record record = { .count = stored->count,
				 .dkim = stored->dkim,
				 .spf = stored->spf,
				 .disposition = stored->disposition };
	const struct set_kind auths = { "SELECT body FROM auth_set WHERE id = ?", add_auths,
					recall->auth_sets, report->auth_results,
					report->auth_sets };
	const struct set_kind reasons = { "SELECT body FROM reason_set WHERE id = ?", add_reasons,
					  recall->reason_sets, report->reasons,
					  report->reason_sets };
	const struct row_question question = { recall->domain, report, &record };
	g_autoptr(GError) cause = NULL;

	if (read_name(recall, stored->header_from, &record.header_from, &cause) &&
	    read_set(recall, &auths, stored->auth_set, &record.auth_set, &cause) &&
	    read_set(recall, &reasons, stored->reason_set, &record.reason_set, &cause) &&
	    row_reader_read(recall->reader, &question, stored, &cause))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&cause));
	return FALSE;
}

struct recall *
recall_new(struct db *db, struct row_reader *reader, guint32 domain, GError **error)
{
	g_autoptr(recall_auto) recall = g_new0(struct recall, 1);
	g_autoptr(GError) cause = NULL;
	guint32 index = 0;

	recall->db = db;
	recall->document = document_new(DOCUMENT_AGGREGATE);
	recall->reader = reader;
	recall->domain = domain;
	recall->names = g_hash_table_new(NULL, NULL);
	recall->auth_sets = g_hash_table_new(NULL, NULL);
	recall->reason_sets = g_hash_table_new(NULL, NULL);
	if (!read_name(recall, domain, &index, &cause)) {
		g_propagate_error(error, g_steal_pointer(&cause));
		return NULL;
	}
	recall->document->report.policy.domain = report_name(&recall->document->report, index);
	return g_steal_pointer(&recall);
}

void
recall_free(struct recall *recall)
{
	if (!recall)
		return;
	document_free(recall->document);
	g_hash_table_unref(recall->names);
	g_hash_table_unref(recall->auth_sets);
	g_hash_table_unref(recall->reason_sets);
	g_free(recall);
}
