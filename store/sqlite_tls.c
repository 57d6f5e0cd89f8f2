/* SPDX-License-Identifier: MIT */
#include "store/sqlite_tls.h"

#include "store/sqlite_translate.h"

static void
bind_number(sqlite3_stmt *statement, int place, const struct number *number)
{
	if (number->is_known)
		sqlite3_bind_int64(statement, place, CLAMP(number->value, 0, REPORT_MESSAGES_MAX));
	else
		sqlite3_bind_null(statement, place);
}

/* Place of a policy and of a failure in it, from 1. */
struct place {
	gint64 document;
	gint64 policy;
	gint64 failure;
};

static gboolean
insert_failure(struct db *db, struct dictionaries *dictionaries, const struct place *place,
	       const struct tlsrpt_failure *failure, GError **error)
{
	guint32 result;
	guint32 mx;
	sqlite3_stmt *statement =
		db_prepare(db, "INSERT INTO tls_failure VALUES (?, ?, ?, ?, ?, ?)", error);

	if (!statement ||
	    !dictionary_text(dictionaries, DICTIONARY_NAME, failure->result_type, &result, error) ||
	    !dictionary_text(dictionaries, DICTIONARY_NAME, failure->receiving_mx_hostname, &mx,
			     error))
		return FALSE;
	db_bind(statement, "iiiii", place->document, place->policy, place->failure, (gint64)result,
		(gint64)mx);
	bind_number(statement, 6, &failure->failed_sessions);
	return db_run(db, statement, error);
}

static gboolean
insert_policy(struct db *db, struct dictionaries *dictionaries, struct place *place,
	      const struct tlsrpt_policy *policy, GError **error)
{
	guint32 domain;
	guint32 type;
	sqlite3_stmt *statement =
		db_prepare(db, "INSERT INTO tls_policy VALUES (?, ?, ?, ?, ?, ?)", error);

	if (!statement ||
	    !dictionary_text(dictionaries, DICTIONARY_NAME, policy->domain, &domain, error) ||
	    !dictionary_text(dictionaries, DICTIONARY_NAME, policy->type, &type, error))
		return FALSE;
	db_bind(statement, "iiii", place->document, place->policy, (gint64)domain, (gint64)type);
	bind_number(statement, 5, &policy->success);
	bind_number(statement, 6, &policy->failure);
	if (!db_run(db, statement, error))
		return FALSE;
	for (guint i = 0; i < policy->failures->len; i++) {
		place->failure = i + 1;
		if (!insert_failure(db, dictionaries, place,
				    &g_array_index(policy->failures, struct tlsrpt_failure, i),
				    error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
insert_raw(struct db *db, const struct document *document, gint64 id, GError **error)
{
	if (!document->raw)
		return TRUE;
	sqlite3_stmt *statement = db_prepare(db, "INSERT INTO document_raw VALUES (?, ?)", error);
	if (!statement)
		return FALSE;
	db_bind(statement, "ib", id, g_bytes_get_data(document->raw, NULL),
		(int)g_bytes_get_size(document->raw));
	return db_run(db, statement, error);
}

gboolean
tls_write(struct db *db, struct dictionaries *dictionaries, const struct document *document,
	  gint64 id, GError **error)
{
	const GArray *policies = document->tlsrpt.policies;

	for (guint i = 0; i < policies->len; i++) {
		struct place place = { id, i + 1, 0 };
		if (!insert_policy(db, dictionaries, &place,
				   &g_array_index(policies, struct tlsrpt_policy, i), error))
			return FALSE;
	}
	return insert_raw(db, document, id, error);
}
