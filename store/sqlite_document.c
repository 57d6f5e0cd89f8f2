/* SPDX-License-Identifier: MIT */
#include "store/sqlite_document.h"

#include <sys/random.h>

#include "core/error.h"
#include "core/identity.h"
#include "store/document_domains.h"
#include "store/noun.h"
#include "store/redact.h"
#include "store/sqlite_settle.h"
#include "store/sqlite_tls.h"
#include "store/sqlite_translate.h"

struct known {
	gboolean is_there;
	gboolean has_same_content;
	gint64 id; /* of the counted one; 0 where it is forgotten */
};

/* The columns of a document that are found before it is written. */
struct document_row {
	gint64 revision_of; /* -1: counted */
	gint64 day;
	guint32 reporter;
	guint32 domain;
	guint32 address;
	guint32 auth_domain;
	gint64 incidents;
	GPtrArray *domains;         /* char * */
	guint8 key[REDACT_KEY_LEN]; /* of the store */
	struct identity identity;
};

/* --- Is it known? --- */

static gboolean
find_number(struct db *db, const char *sql, const struct identity *identity, gint64 otherwise,
	    gint64 *ret_number, GError **error)
{
	sqlite3_stmt *statement = db_prepare(db, sql, error);

	if (!statement)
		return FALSE;
	db_bind(statement, "bb", identity->key, KEY_LEN, identity->content, KEY_LEN);
	return db_number(db, statement, otherwise, ret_number, error);
}

static const char *const same_sql =
	"SELECT EXISTS (SELECT 1 FROM document c WHERE c.identity = ?1 AND c.revision_of IS NULL "
	"AND (c.content = ?2 OR EXISTS (SELECT 1 FROM document r WHERE r.revision_of = c.id AND "
	"r.content = ?2))) OR EXISTS (SELECT 1 FROM document_past WHERE identity = ?1 AND content "
	"= ?2)";

static gboolean
find_known(struct db *db, const struct identity *identity, struct known *known, GError **error)
{
	gint64 id;
	gint64 is_past;
	gint64 is_same;

	if (!find_number(db,
			 "SELECT id FROM document WHERE identity = ?1 AND revision_of IS NULL AND "
			 "?2 = ?2",
			 identity, 0, &id, error) ||
	    !find_number(db,
			 "SELECT EXISTS (SELECT 1 FROM document_past WHERE identity = ?1 AND ?2 = "
			 "?2)",
			 identity, 0, &is_past, error) ||
	    !find_number(db, same_sql, identity, 0, &is_same, error))
		return FALSE;
	*known = (struct known){ id != 0 || is_past != 0, is_same != 0, id };
	return TRUE;
}

/* --- Writing --- */

static gboolean
fill_row(struct document_writer *writer, const struct document *document, struct document_row *row,
	 GError **error)
{
	static const struct ip no_ip = { { 0 } };
	gboolean is_feedback =
		document->kind == DOCUMENT_FAILURE || document->kind == DOCUMENT_COMPLAINT;
	const struct number *incidents = &document->feedback.incidents;
	g_autofree char *reporter = g_utf8_casefold(document_reporter(document), -1);

	row->domains = document_domains(document);
	const char *domain = row->domains->len > 0 ? g_ptr_array_index(row->domains, 0) : "";
	row->incidents = document->kind == DOCUMENT_TLS ? 0 : 1;
	if (is_feedback && incidents->is_known && incidents->value > 0)
		row->incidents = MIN(incidents->value, REPORT_MESSAGES_MAX);
	return dictionary_text(writer->dictionaries, DICTIONARY_REPORTER, reporter, &row->reporter,
			       error) &&
	       dictionary_text(writer->dictionaries, DICTIONARY_NAME, domain, &row->domain,
			       error) &&
	       dictionary_text(writer->dictionaries, DICTIONARY_NAME, document->carrier.auth_domain,
			       &row->auth_domain, error) &&
	       dictionary_address(writer->dictionaries,
				  is_feedback ? &document->feedback.source_ip : &no_ip,
				  &row->address, error);
}

static gboolean
insert_document(struct document_writer *writer, const struct document *document,
		const struct document_arrival *arrival, const struct document_row *row,
		gint64 *ret_id, GError **error)
{
	g_autoptr(redactor_auto) redactor = redactor_new(row->key, document);
	const struct noun_mapper mapper = redactor_mapper(redactor);
	g_autoptr(GByteArray) body = g_byte_array_new();
	sqlite3_stmt *statement = db_prepare(
		writer->db,
		"INSERT INTO document (revision_of, kind, day, reporter_id, domain_id, address_id, "
		"arrival_id, stored_at, incidents, authenticated, auth_domain, part, identity, "
		"content, body) VALUES (nullif(?, -1), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		error);

	if (!statement)
		return FALSE;
	noun_pack(body, document, &mapper);
	db_bind(statement, "iiiiiiiiiiitbbb", row->revision_of, (gint64)document->kind, row->day,
		(gint64)row->reporter, (gint64)row->domain, (gint64)row->address, arrival->id,
		writer->now, row->incidents, (gint64)document->carrier.authenticated,
		(gint64)row->auth_domain, redactor_text(redactor, document->part),
		row->identity.key, KEY_LEN, row->identity.content, KEY_LEN, body->data,
		(int)body->len);
	if (!db_run(writer->db, statement, error))
		return FALSE;
	*ret_id = sqlite3_last_insert_rowid(writer->db->handle);
	return TRUE;
}

static gboolean
insert_domains(struct document_writer *writer, const struct document *document,
	       const struct document_row *row, gint64 id, GError **error)
{
	for (guint i = 0; i < row->domains->len; i++) {
		guint32 domain;
		sqlite3_stmt *statement = db_prepare(
			writer->db, "INSERT INTO document_domain VALUES (?, ?, ?, ?)", error);
		if (!statement ||
		    !dictionary_text(writer->dictionaries, DICTIONARY_NAME,
				     g_ptr_array_index(row->domains, i), &domain, error))
			return FALSE;
		db_bind(statement, "iiii", (gint64)document->kind, (gint64)domain, row->day, id);
		if (!db_run(writer->db, statement, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
count_document(struct db *db, const struct document *document, const struct document_row *row,
	       GError **error)
{
	sqlite3_stmt *statement = db_prepare(
		db,
		"UPDATE document_count SET counted = counted + ?2, revisions = revisions + 1 - "
		"?2, incidents = incidents + ?2 * ?3 WHERE kind = ?1",
		error);
	gboolean is_counted = row->revision_of < 0;

	if (!statement)
		return FALSE;
	db_bind(statement, "iii", (gint64)document->kind, (gint64)is_counted, row->incidents);
	return db_run(db, statement, error);
}

static gboolean
write_all(struct document_writer *writer, const struct document *document,
	  const struct document_arrival *arrival, struct document_row *row, gint64 *ret_id,
	  GError **error)
{
	gboolean is_written = fill_row(writer, document, row, error) &&
			      insert_document(writer, document, arrival, row, ret_id, error) &&
			      insert_domains(writer, document, row, *ret_id, error) &&
			      count_document(writer->db, document, row, error);

	g_clear_pointer(&row->domains, g_ptr_array_unref);
	if (is_written && document->kind == DOCUMENT_FAILURE && row->address != 0)
		is_written = settle_mark(writer->db, row->address, error);
	if (!is_written || document->kind != DOCUMENT_TLS)
		return is_written;
	return tls_write(writer->db, writer->dictionaries, document, *ret_id, error);
}

/* --- The key of the store --- */

static gboolean
make_key(struct db *db, guint8 key[REDACT_KEY_LEN], GError **error)
{
	sqlite3_stmt *statement = db_prepare(db, "UPDATE state SET token_key = ?", error);

	if (!statement)
		return FALSE;
	if (getrandom(key, REDACT_KEY_LEN, 0) != REDACT_KEY_LEN) {
		g_set_error(error, DMARCD_ERROR, DMARCD_ERROR_AGAIN,
			    "store %s: the system has no random bytes", db->path);
		return FALSE;
	}
	return db_run(db, db_bind(statement, "b", key, REDACT_KEY_LEN), error);
}

static gboolean
get_key(struct db *db, guint8 key[REDACT_KEY_LEN], GError **error)
{
	sqlite3_stmt *statement = db_prepare(db, "SELECT token_key FROM state", error);

	if (!statement || db_step(db, statement, error) != DB_ROW)
		return FALSE;
	gboolean is_made = sqlite3_column_bytes(statement, 0) == REDACT_KEY_LEN;
	if (is_made)
		memcpy(key, sqlite3_column_blob(statement, 0), REDACT_KEY_LEN);
	sqlite3_reset(statement);
	return is_made || make_key(db, key, error);
}

/* Who knows all but the recipients of a message could find them by trying, if the hash had no key.
 */
static void
hide(const guint8 key[REDACT_KEY_LEN], guint8 digest[KEY_LEN])
{
	GHmac *hmac = g_hmac_new(G_CHECKSUM_SHA256, key, REDACT_KEY_LEN);
	gsize len = KEY_LEN;

	g_hmac_update(hmac, digest, KEY_LEN);
	g_hmac_get_digest(hmac, digest, &len);
	g_hmac_unref(hmac);
}

gboolean
document_write(struct document_writer *writer, const struct document *document,
	       const struct document_arrival *arrival, enum outcome *ret_outcome, gint64 *ret_id,
	       GError **error)
{
	struct document_row row = {
		.day = document_day(document, arrival->received_at),
		.identity = identity_of(document),
	};
	struct known known;

	if (!get_key(writer->db, row.key, error))
		return FALSE;
	hide(row.key, row.identity.key);
	hide(row.key, row.identity.content);
	if (!find_known(writer->db, &row.identity, &known, error))
		return FALSE;
	*ret_id = known.id;
	if (known.has_same_content) {
		*ret_outcome = OUTCOME_DUPLICATE;
		return TRUE;
	}
	row.revision_of = known.is_there ? known.id : -1;
	*ret_outcome = known.is_there ? OUTCOME_REVISION : OUTCOME_STORED;
	return write_all(writer, document, arrival, &row, ret_id, error);
}
